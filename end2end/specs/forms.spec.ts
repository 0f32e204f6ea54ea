// A form that is refused, sent twice, or sent after the session ended: nothing typed is lost, nothing happens twice.
import * as story from '../support/story.ts'
import { expectAccessible } from '../support/accessible.ts'
import { linkIn } from '../support/mailbox.ts'
import { expect, follow, type Page, press, signIn, test, told } from '../support/test.ts'

const summary = (page: Page) => page.getByRole('alert')

test('a mistake in the application keeps everything typed, and says how to mend it', async ({ program, person }) => {
  const page = await person(program.url)
  await page.goto('/apply')
  await page.getByLabel('Your name').fill('Dana "D." O’Brien-Whitcomb')
  await page.getByLabel('Email').fill('dana at hospital')
  await page.getByLabel('Your discipline').selectOption('Nurse')
  await page.getByLabel('Where you work').fill('Powder River Clinic')
  await page.getByLabel('Video').check()
  await page.getByLabel('Phone', { exact: true }).check()
  await page.getByLabel(/^Option 2,/).check()
  await page.getByLabel('Technology').check()
  const hope = `\nFirst line.\n\n${'Ask, listen & teach: </textarea> "quoted". '.repeat(30)}`
  await page.getByLabel('What do you hope to learn?').fill(hope)
  await press(page, 'Send the application')

  await expect(summary(page).getByRole('listitem')).toHaveCount(2)
  await expect(page.getByLabel('Your name')).toHaveValue('Dana "D." O’Brien-Whitcomb')
  await expect(page.getByLabel('Email')).toHaveValue('dana at hospital')
  await expect(page.getByLabel('Your discipline')).toHaveValue('nurse')
  await expect(page.getByLabel('Where you work')).toHaveValue('Powder River Clinic')
  for (const choice of ['Video', 'Phone']) await expect(page.getByLabel(choice, { exact: true })).toBeChecked()
  await expect(page.getByLabel(/^Option 2,/)).toBeChecked()
  await expect(page.getByLabel('Technology')).toBeChecked()
  await expect(page.getByLabel('What do you hope to learn?')).toHaveValue(hope)
  await expect(page.getByLabel('Email')).toHaveAccessibleDescription(/does not look like an e-mail address/)
  await expect(page.getByLabel('Email')).toHaveAttribute('aria-invalid', 'true')
  await expectAccessible(page, 'the refused application')
  await summary(page).getByRole('link', { name: /e-mail address/ }).click()
  await expect(page.getByLabel('Email')).toBeFocused()

  await page.getByLabel('Email').fill('dana@hospital.example')
  await page.getByLabel('County where you live or work').selectOption('Powder River (Broadus)')
  // Twice, as an impatient hand does it.
  await page.getByRole('button', { name: 'Send the application' }).dblclick()
  await expect(page.getByRole('heading', { name: 'Your application is on its way.' })).toBeVisible()

  const coordinator = await person(program.url)
  await story.coordinatorBegins({ program, coordinator })
  await coordinator.goto('/coordinator/applications')
  await expect(coordinator.getByRole('caption').filter({ hasText: 'Open (1)' })).toBeVisible()
  await expect(coordinator.getByRole('rowheader', { name: 'Dana "D." O’Brien-Whitcomb' })).toHaveCount(1)
})

test('a long reflection survives a mistake, a session that ended and a hurried hand', async ({ program, mailbox, person }) => {
  const cast = await story.cast(program, mailbox, person)
  await story.coordinatorBegins(cast)
  await story.mentorJoins(cast)
  await story.menteeJoins(cast, /^Option 2,/)
  await story.pairMeets(cast)
  const { mentee } = cast
  await mentee.goto('/mentee')
  await follow(mentee, 'Log this chapter')

  const long = 'What stays with me: ask before you tell. 🌾 '.repeat(200).slice(0, 8000)
  const reflection = mentee.getByLabel('What stayed with you?')
  await mentee.getByLabel('Minutes').fill('about forty')
  await reflection.fill(long)
  await mentee.getByLabel('Share with my mentor').check()
  await press(mentee, 'Save')
  await expect(summary(mentee).getByRole('listitem')).toHaveCount(2)
  await expect(reflection).toHaveValue(long)
  await expect(mentee.getByLabel('Minutes')).toHaveValue('about forty')
  await expect(mentee.getByLabel('Minutes')).toHaveAccessibleDescription(/whole number/)
  await expect(mentee.getByLabel('Share with my mentor')).toBeChecked()

  const fitting = long.slice(0, 3000)
  await mentee.getByLabel('Minutes').fill('40')
  await reflection.fill(fitting)
  await mentee.context().clearCookies()
  await press(mentee, 'Save')
  await expect(mentee.getByText('What you typed is kept.')).toBeVisible()
  await mentee.getByLabel('Email').fill(story.MENTEE.email)
  await mentee.getByLabel('Password').fill(story.PASSWORD)
  await press(mentee, 'Sign in')
  await expect(reflection).toHaveValue(fitting.trim())
  await expect(mentee.getByLabel('Minutes')).toHaveValue('40')

  await mentee.getByRole('button', { name: 'Save', exact: true }).dblclick()
  await expect(mentee.getByRole('heading', { name: 'Your entries' })).toBeVisible()
  await expect(mentee.getByText('40 minutes', { exact: true })).toHaveCount(1)
})

test('a link that was used says so and leads on', async ({ program, mailbox, person }) => {
  const page = await person(program.url)
  const printed = await program.run('invite-coordinator', story.COORDINATOR.email)
  const link = linkIn({ to: '', subject: 'the command line', text: printed }, '/welcome/')
  await story.choosePassword(page, link)
  await press(page, 'Sign out')

  const again = await page.goto(link)
  expect(again?.status()).toBe(410)
  await expect(page.getByRole('heading', { level: 1 })).toContainText('used')
  await follow(page, 'Send me a new link')
  await page.getByLabel('Email').fill(story.COORDINATOR.email)
  await press(page, 'Send the link')
  await told(page, 'If there is an account with this address')
  await story.choosePassword(page, linkIn(await mailbox.mail(story.COORDINATOR.email, /password/i), '/welcome/'))
  await mailbox.mail(story.COORDINATOR.email, /changed|is set/i)
})

test('what is unknown and what is another person’s look the same', async ({ demo, person }) => {
  const owner = await person(demo)
  await signIn(owner, 'mentee1@demo.qdei.example')
  const plan = (await owner.locator('a[href$="/plan"]').first().getAttribute('href')) ?? ''
  expect((await owner.goto(plan))?.status()).toBe(200)

  const stranger = await person(demo)
  await signIn(stranger, 'mentee2@demo.qdei.example')
  const unknown = plan.replace(/[0-9a-f]{12}\/plan$/, '000000000000/plan')
  const texts: string[] = []
  for (const path of [plan, unknown, '/enrollments/nonsense/plan', '/no/such/page']) {
    expect((await stranger.goto(path))?.status(), path).toBe(404)
    await expect(stranger.getByRole('link', { name: 'Go to my page' })).toBeVisible()
    texts.push(await stranger.getByRole('main').innerText())
  }
  expect(new Set(texts).size).toBe(1)
  expect((await stranger.goto('/coordinator/settings'))?.status()).toBe(403)
  await expectAccessible(stranger, 'a page that is not open')
})

test('a body over the limit is refused with 413', async ({ demo, person }) => {
  const page = await person(demo)
  const response = await page.request.post('/api/apply', { form: { name: 'x'.repeat(600_000) }, headers: { accept: 'text/html', origin: demo } })
  expect(response.status()).toBe(413)
  expect(await response.text()).toContain('more than fits')
})
