// What somebody is typing is kept before it is sent, where the browser runs scripts.
import * as story from '../support/story.ts'
import { expect, follow, press, test, told } from '../support/test.ts'

test('a reflection that was not sent is there again, on another device too', async ({ program, mailbox, person }) => {
  const cast = await story.cast(program, mailbox, person)
  await story.coordinatorBegins(cast)
  await story.mentorJoins(cast)
  await story.menteeJoins(cast, /^Option 2,/)
  await story.pairMeets(cast)
  const { mentee } = cast
  await mentee.goto('/mentee')
  await follow(mentee, 'Log this chapter')
  const chapter = mentee.url()
  await mentee.getByLabel('What stayed with you?').pressSequentially('Half a thought about sick days')
  await expect(mentee.getByText(/^Saved at \d+:\d\d/)).toBeVisible()

  const phone = await person(program.url, { storageState: await mentee.context().storageState() })
  await phone.goto(chapter)
  await expect(phone.getByLabel('What stayed with you?')).toHaveValue('Half a thought about sick days')
  await press(phone, 'Save')
  await told(phone, 'Logged.')
  await phone.goto(chapter)
  await phone.getByText('Log more reading of this chapter').click()
  await expect(phone.getByLabel('What stayed with you?')).toHaveValue('')
})

test('an application that was not sent is there again in its tab, and gone once it was sent', async ({ program, person }) => {
  const page = await person(program.url)
  await page.goto('/apply')
  await page.getByLabel('Your name').pressSequentially('Dana Whitcomb')
  await page.getByLabel('What do you hope to learn?').pressSequentially('How to listen')
  await expect(page.getByText('Kept in this tab until you send it')).toBeVisible()
  await page.goto('/')
  await page.goto('/apply')
  await expect(page.getByLabel('Your name')).toHaveValue('Dana Whitcomb')
  await expect(page.getByLabel('What do you hope to learn?')).toHaveValue('How to listen')

  await page.getByLabel('Email').fill(story.MENTEE.email)
  await page.getByLabel('Your discipline').selectOption('Nurse')
  await page.getByLabel('Where you work').fill('Powder River Clinic')
  await page.getByLabel('County where you live or work').selectOption('Powder River (Broadus)')
  await page.getByLabel('Video').check()
  await page.getByLabel(/^Option 2,/).check()
  await press(page, 'Send the application')
  await expect(page.getByRole('heading', { name: 'Your application is on its way.' })).toBeVisible()
  await expect.poll(() => page.evaluate(() => Object.keys(sessionStorage))).toEqual([])
  await page.goto('/apply')
  await expect(page.getByLabel('Your name')).toHaveValue('')
})
