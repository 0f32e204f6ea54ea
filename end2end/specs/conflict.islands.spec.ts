// One text open in two places: whoever comes second is shown what was typed elsewhere, and chooses; nothing is lost.
import { expectAccessible } from '../support/accessible.ts'
import { expect, expectAwake, follow, type Page, press, signIn, test } from '../support/test.ts'

const words = (page: Page) => page.getByLabel('What stayed with you?')
const conflict = (page: Page) => page.getByText(/This text was changed elsewhere at \d+:\d\d [ap]m\./)
const saved = (page: Page) => page.getByText(/^Saved at \d+:\d\d [ap]m/)

/** The same chapter in two tabs of one person, both with the same draft. */
async function twoTabs(page: Page): Promise<[Page, Page]> {
  await signIn(page, 'mentee2@demo.qdei.example')
  await page.goto('/mentee')
  await follow(page, 'Log this chapter')
  await words(page).pressSequentially('Half a thought')
  await expect(saved(page)).toBeVisible()
  const other = await page.context().newPage()
  await other.goto(page.url())
  await expect(words(other)).toHaveValue('Half a thought')
  await expect(saved(other)).toBeVisible()
  return [page, other]
}

/** The first goes on, and then the second: now both texts are there. */
async function both(first: Page, second: Page) {
  await words(first).fill('A whole thought')
  await expect(saved(first)).toBeVisible()
  await expect.poll(() => first.evaluate(() => Object.values(localStorage).join())).toMatch(/whole.*_saved=1/)
  await words(second).fill('Another thought')
  await expect(conflict(second)).toBeVisible()
  await expect(words(second)).toHaveValue('Another thought')
  await expect(second.getByText('A whole thought', { exact: true })).toBeVisible()
}

async function expectDraft(page: Page, text: string) {
  await expect(saved(page)).toBeVisible()
  await page.reload()
  await expect(words(page)).toHaveValue(text)
}

test('one’s own text is kept, and the other tab is told in turn', async ({ line, person }) => {
  const [first, second] = await twoTabs(await person(line.url))
  await both(first, second)
  await expectAccessible(second, 'a text that was changed elsewhere')
  await press(second, 'Keep what is here')
  await expect(conflict(second)).toBeHidden()
  await expect(saved(second)).toBeVisible()
  await words(first).pressSequentially(', and more')
  await expect(conflict(first)).toBeVisible()
  await expect(first.getByText('Another thought', { exact: true })).toBeVisible()
  await expectDraft(second, 'Another thought')
})

test('the other text is taken', async ({ line, person }) => {
  const [first, second] = await twoTabs(await person(line.url))
  await both(first, second)
  await press(second, 'Take the other')
  await expect(words(second)).toHaveValue('A whole thought')
  await expectDraft(second, 'A whole thought')
})

test('both texts are put together, and sending the form takes the draft with it', async ({ line, person }) => {
  const [first, second] = await twoTabs(await person(line.url))
  await both(first, second)
  await press(second, 'Put both together')
  await expect(words(second)).toHaveValue('Another thought\n\nA whole thought')
  await expectDraft(second, 'Another thought\n\nA whole thought')
  await press(second, 'Save')
  await expect(second.getByText('Logged.')).toBeVisible()
  await second.getByText('Log more reading of this chapter').click()
  await expect(words(second)).toHaveValue('')
})

test('what was typed without a line meets what was typed elsewhere meanwhile', async ({ line, person }) => {
  const here = await person(line.url)
  await signIn(here, 'mentee2@demo.qdei.example')
  await here.goto('/mentee')
  await follow(here, 'Log this chapter')
  const elsewhere = await person(line.url, { storageState: await here.context().storageState() })
  await elsewhere.goto(here.url())
  for (const page of [here, elsewhere]) await expectAwake(page)
  line.cut()
  await words(here).fill('Typed on the road')
  await expect(here.getByText('No line just now: kept on this device')).toBeVisible()
  line.mend()
  await words(elsewhere).fill('Typed at the desk')
  await expect(saved(elsewhere)).toBeVisible()
  await here.reload()
  await expect(conflict(here)).toBeVisible()
  await expect(words(here)).toHaveValue('Typed on the road')
  await expect(here.getByRole('alert').getByText('Typed at the desk', { exact: true })).toBeVisible()
})
