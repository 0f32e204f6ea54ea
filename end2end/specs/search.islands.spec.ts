// "/" leads to the coordinator's search field, where the browser runs scripts.
import * as story from '../support/story.ts'
import { expect, test } from '../support/test.ts'

test('"/" leads to the search field from anywhere, and Escape back', async ({ program, person }) => {
  const page = await person(program.url)
  await story.coordinatorBegins({ program, coordinator: page })
  const field = page.getByRole('searchbox', { name: 'Search people, books, letters and numbers' })

  // Typed into another field it is a stroke like any other.
  const name = page.getByLabel('Coordinator', { exact: true })
  await name.focus()
  await name.press('End')
  await name.press('/')
  await expect(name).toHaveValue(`${story.COORDINATOR.name}/`)
  await expect(field).not.toBeFocused()

  const way = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Library', exact: true })
  await way.focus()
  await page.keyboard.press('/')
  await expect(field).toBeFocused()
  await expect(field).toHaveValue('')
  await page.keyboard.press('Escape')
  await expect(way).toBeFocused()

  await page.keyboard.press('/')
  await page.keyboard.type('ruth@prog')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Search', exact: true })).toBeVisible()
  await expect(page.getByRole('heading', { name: 'People' })).toBeVisible()
  await expect(field).toHaveValue('ruth@prog')
})
