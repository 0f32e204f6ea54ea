// The steps of the program as people walk them in the browser, for the journeys to be told with. Separate, because the
// three options share nearly all of them.
import { rightAnswers } from './answers.ts'
import type { Mailbox } from './mailbox.ts'
import { linkIn } from './mailbox.ts'
import type { Program } from './program.ts'
import { day, expect, follow, type Page, press, told } from './test.ts'

export const COORDINATOR = { name: 'Ruth Ellingson', email: 'ruth@program.example' }
export const MENTOR = { name: 'Joan Littlebear', email: 'joan@clinic.example' }
export const MENTEE = { name: 'Dana Whitcomb', email: 'dana@hospital.example' }
export const PASSWORD = 'larch and river stones'

export interface Cast {
  program: Program
  mailbox: Mailbox
  coordinator: Page
  mentor: Page
  mentee: Page
  /** What is done at each page where a person stops to read. */
  look: (page: Page) => Promise<void>
}

/** The three open their browsers. */
export async function cast(
  program: Program, mailbox: Mailbox, person: (url: string) => Promise<Page>, look = async (_page: Page) => {},
): Promise<Cast> {
  const [coordinator, mentor, mentee] = [await person(program.url), await person(program.url), await person(program.url)]
  return { program, mailbox, coordinator, mentor, mentee, look }
}

export async function choosePassword(page: Page, link: string) {
  await page.goto(link)
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByLabel('The same password again').fill(PASSWORD)
  await press(page, 'Set the password')
  await told(page, 'Your password is set. You are signed in.')
}

const menu = (page: Page, name: string) => page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name, exact: true }).click()

/** The coordinator follows the link that the operator's command printed, and gives the program its face. */
export async function coordinatorBegins({ program, coordinator, look }: Pick<Cast, 'program' | 'coordinator'> & Partial<Cast>, settings: Record<string, string> = {}) {
  const printed = await program.run('invite-coordinator', COORDINATOR.email)
  await choosePassword(coordinator, linkIn({ to: '', subject: 'the command line', text: printed }, '/welcome/'))
  await expect(coordinator.getByText('Nothing needs you today.')).toBeVisible()
  await look?.(coordinator)
  await menu(coordinator, 'Settings')
  await coordinator.getByLabel('Coordinator', { exact: true }).fill(COORDINATOR.name)
  await coordinator.getByLabel('Coordinator’s e-mail').fill(COORDINATOR.email)
  await coordinator.getByLabel('Postal address').fill('PO Box 1, Helena, MT 59620')
  for (const [label, value] of Object.entries(settings)) await coordinator.getByLabel(label).fill(value)
  await press(coordinator, 'Save the settings')
  await told(coordinator, 'The settings are saved and hold from now on.')
}

/** The coordinator invites a mentor and records the credential; the mentor signs in. */
export async function mentorJoins({ coordinator, mentor, mailbox, look }: Cast) {
  await menu(coordinator, 'Mentors')
  await look(coordinator)
  await follow(coordinator, 'Invite a mentor')
  await coordinator.getByLabel('Name', { exact: true }).fill(MENTOR.name)
  await coordinator.getByLabel('E-mail', { exact: true }).first().fill(MENTOR.email)
  await coordinator.getByLabel('Discipline').selectOption('Dietitian')
  await coordinator.getByLabel('County').selectOption('Lewis and Clark (Helena)')
  for (const option of ['Option 1', 'Option 2', 'Option 3']) await coordinator.getByLabel(option).check()
  await coordinator.getByLabel('Video').check()
  await coordinator.getByLabel('Type 1 diabetes').check()
  await press(coordinator, 'Invite')
  await told(coordinator, 'The mentor is in the program')
  await coordinator.getByLabel('Valid to').fill(day(400))
  await press(coordinator, 'Record this check')
  await told(coordinator, 'The check is recorded.')
  await choosePassword(mentor, linkIn(await mailbox.mail(MENTOR.email, /invitation/i), '/welcome/'))
  await expect(mentor.getByRole('heading', { name: 'Nothing to do for you now' })).toBeVisible()
  await look(mentor)
}

/** The coordinator puts a copy of a book on the shelf. */
export async function copyArrives({ coordinator, look }: Cast, edition: RegExp) {
  await menu(coordinator, 'Library')
  const adding = coordinator.locator('details').filter({ has: coordinator.getByText('Copies', { exact: true }) })
  await adding.locator('summary').click()
  const which = adding.getByLabel('Edition')
  await which.selectOption((await which.locator('option').filter({ hasText: edition }).first().getAttribute('value')) ?? '')
  await adding.getByLabel('Labels').fill('Shelf-1')
  await look(coordinator)
  await press(coordinator, 'Add the copies')
  await told(coordinator, 'The copies are on the shelf.')
}

/** A stranger applies, is accepted, and follows the invitation. */
export async function menteeJoins({ coordinator, mentee, mailbox, look }: Cast, choice: RegExp) {
  await mentee.goto('/')
  await follow(mentee, 'Apply')
  await mentee.getByLabel('Your name').fill(MENTEE.name)
  await mentee.getByLabel('Email').fill(MENTEE.email)
  await mentee.getByLabel('Your discipline').selectOption('Nurse')
  await mentee.getByLabel('Where you work').fill('Powder River Clinic')
  await mentee.getByLabel('County where you live or work').selectOption('Powder River (Broadus)')
  await mentee.getByLabel('Video').check()
  await mentee.getByLabel(choice).first().check()
  await mentee.getByLabel('What do you hope to learn?').fill('How to begin a conversation about insulin.')
  await press(mentee, 'Send the application')
  await expect(mentee.getByRole('heading', { name: 'Your application is on its way.' })).toBeVisible()
  await mailbox.mail(MENTEE.email, /application has arrived/i)

  await menu(coordinator, 'Desk')
  await follow(coordinator, /^Decide, /)
  await look(coordinator)
  await press(coordinator, 'Accept')
  await told(coordinator, 'Accepted.')
  await choosePassword(mentee, linkIn(await mailbox.mail(MENTEE.email, /invitation/i), '/welcome/'))
  await expect(mentee.getByText('The coordinator is looking for a mentor for you.')).toBeVisible()
  await look(mentee)
}

/** The coordinator proposes the mentor, who accepts; both are introduced by mail. */
export async function pairMeets({ coordinator, mentor, mailbox, look }: Cast) {
  await menu(coordinator, 'Desk')
  await follow(coordinator, /^Propose a mentor, /)
  await expect(coordinator.getByRole('heading', { name: `A mentor for ${MENTEE.name}` })).toBeVisible()
  await look(coordinator)
  await press(coordinator, `Propose ${MENTOR.name}`)
  await told(coordinator, 'The proposal is made.')

  await menu(mentor, 'My mentees')
  await expect(mentor.getByRole('heading', { name: `Say whether you can mentor ${MENTEE.name}` })).toBeVisible()
  await follow(mentor, 'Answer')
  await look(mentor)
  await press(mentor, /^Accept/)
  await told(mentor, 'You have accepted.')
  await mailbox.mail(MENTEE.email, new RegExp(`^Meet ${MENTOR.name}`))
  await mailbox.mail(MENTOR.email, new RegExp(`^Meet ${MENTEE.name}`))
}

/** The mentee asks for the book by post, the coordinator lends it, it arrives. */
export async function bookIsLent({ coordinator, mentee, look }: Cast) {
  await menu(mentee, 'My study')
  await follow(mentee, 'Choose')
  await mentee.getByLabel(/post/i).first().check()
  await mentee.getByLabel('Street or PO box').fill('PO Box 12')
  await mentee.getByLabel('Town and state').fill('Broadus, MT')
  await mentee.getByLabel('ZIP code').fill('59317')
  await press(mentee, 'Ask for the book')
  await told(mentee, 'You asked for the book.')

  await menu(coordinator, 'Desk')
  await follow(coordinator, /^Lend, /)
  await expect(coordinator.getByLabel('Address')).toHaveValue(/PO Box 12\s+Broadus, MT 59317/)
  await look(coordinator)
  await press(coordinator, 'Lend this copy')
  await told(coordinator, 'The book is lent.')
  await look(coordinator)

  await menu(mentee, 'My study')
  await follow(mentee, 'Tell us')
  await look(mentee)
  await press(mentee, 'The book is here')
  await told(mentee, 'Good. Enjoy the reading.')
}

export async function ownBook({ mentee }: Cast) {
  await menu(mentee, 'My study')
  await follow(mentee, 'Choose')
  await press(mentee, 'I have my own copy')
  await told(mentee, 'Noted: you study with your own copy.')
}

/** The plan as it is suggested. */
export async function planIsMade({ mentee, look }: Cast) {
  await menu(mentee, 'My study')
  await follow(mentee, 'Make the plan')
  await mentee.getByLabel('Video').check()
  await look(mentee)
  await press(mentee, 'Save the plan')
  await told(mentee, 'The plan is saved. You both see it.')
}

/** The mentee rates a few statements and shares them; the mentor reads the chart. */
export async function selfEvaluationIsShared({ mentee, mentor, look }: Cast) {
  await menu(mentee, 'My study')
  await follow(mentee, 'Begin')
  const statements = mentee.locator('fieldset.scale')
  const places = (await statements.count()) / 6
  for (let domain = 0; domain < 6; domain += 1) {
    await statements.nth(Math.floor(domain * places)).getByRole('radio').nth(domain % 4).check()
  }
  await mentee.getByLabel(/^Share it with my mentor/).check()
  await look(mentee)
  await press(mentee, 'Save')
  await told(mentee, 'Your self-evaluation is saved.')
  await expect(mentee.getByRole('table', { name: /How sure/ })).toBeVisible()
  await mentor.goto(new URL(mentee.url()).pathname)
  await expect(mentor.getByRole('table', { name: /How sure/ })).toBeVisible()
}

/** Both sign the letter and the coordinator receives it. */
export async function letterIsSigned({ coordinator, mentor, mentee, mailbox, look }: Cast) {
  for (const [page, person] of [[mentee, MENTEE], [mentor, MENTOR]] as const) {
    await menu(page, person === MENTEE ? 'My study' : 'My mentees')
    await follow(page, 'Read and sign')
    await page.getByLabel('I have read this letter').check()
    await page.getByLabel('Type your full name').fill(person.name)
    await look(page)
    await press(page, 'Sign the letter')
    await told(page, 'Your signature is kept')
    await mailbox.mail(person.email, /sign/i)
  }
  await expect(mentor.getByRole('heading', { name: 'Both of you have signed' })).toBeVisible()
  await menu(coordinator, 'Desk')
  await follow(coordinator, /^Receive, /)
  await look(coordinator)
  await press(coordinator, 'Receive')
  await told(coordinator, 'The letter is received.')
  await expectPdf(mentee, await letterPath(mentor))
}

const letterPath = async (page: Page) => (await page.getByRole('link', { name: 'Letter as PDF' }).getAttribute('href')) ?? ''

/** Whether an address gives this person a PDF. */
export async function expectPdf(page: Page, path: string) {
  const response = await page.request.get(path)
  expect(response.status(), path).toBe(200)
  expect(response.headers()['content-type']).toContain('application/pdf')
  expect((await response.body()).subarray(0, 5).toString()).toBe('%PDF-')
}

/** The mentee logs every chapter, each from the one next step on the own page; `after` is what follows each. */
export async function everyChapterIsRead({ mentee }: Cast, after = async (_number: number) => {}) {
  await menu(mentee, 'My study')
  const chapters = await mentee.locator('ol.chapters > li').count()
  for (let number = 1; number <= chapters; number += 1) {
    await expect(mentee.getByRole('heading', { name: `Read chapter ${number},` })).toBeVisible()
    await follow(mentee, 'Log this chapter')
    if (number === 1) {
      await mentee.getByLabel('What stayed with you?').fill('Ask first, then teach.')
      await mentee.getByLabel('Share with my mentor').check()
    }
    await press(mentee, 'Save')
    await told(mentee, 'Logged.')
    await after(number)
    await menu(mentee, 'My study')
  }
  return chapters
}

/** The coordinator reads and approves the questions of every chapter of the outline with post-tests. */
export async function questionsAreApproved({ coordinator }: Cast, outline: RegExp) {
  await menu(coordinator, 'Questions')
  const ledger = coordinator.getByRole('table').filter({ has: coordinator.getByRole('caption').filter({ hasText: outline }) })
  const closed = ledger.getByRole('row').filter({ hasText: 'closed until reviewed' })
  for (let left = await closed.count(); left > 0; left -= 1) {
    await expect(closed).toHaveCount(left)
    await closed.first().getByRole('link').click()
    await press(coordinator, /^Approve all \d+$/)
    await told(coordinator, 'Approved. They count from now on.')
    await menu(coordinator, 'Questions')
  }
}

/** From the page of a chapter: takes its post-test, knowing every answer, or none. */
export async function takesTest({ mentee }: Cast, knowing: boolean) {
  await follow(mentee, 'Take the post-test')
  await press(mentee, /^Start/)
  await answers(mentee, knowing)
  await press(mentee, 'Hand in')
  await expect(mentee.getByText(knowing ? /^Passed, with 100 percent/ : /^Not passed yet/)).toBeVisible()
}

async function answers(page: Page, knowing: boolean) {
  const right = rightAnswers()
  const questions = page.locator('fieldset.question')
  await expect(questions.first()).toBeVisible()
  for (const question of await questions.all()) {
    const legend = (await question.locator('legend').textContent()) ?? ''
    const keys = right.get(legend.replace(/^\d+\. /, '')) ?? []
    expect(keys, legend).not.toHaveLength(0)
    const choices = await question.locator('label').allTextContents()
    const picked = knowing ? keys : choices.filter((choice) => !keys.includes(choice)).slice(0, 1)
    for (const choice of picked) await question.getByLabel(choice, { exact: true }).check()
  }
}

/** The first test is failed: the mentee reads why, the mentor sees what was missed, and the second attempt passes. */
export async function aTestIsFailedFirst(cast: Cast) {
  const { mentee, mentor, look } = cast
  await takesTest(cast, false)
  await look(mentee)
  await expect(mentee.getByRole('heading', { name: 'The 5 you missed' })).toBeVisible()
  await expect(mentee.locator('.explanation').first()).toBeVisible()
  const missed = ((await mentee.locator('fieldset.question legend').first().textContent()) ?? '').replace(/^\d+\. /, '')

  await menu(mentor, 'My mentees')
  await follow(mentor, MENTEE.name)
  await mentor.locator('ol.chapters > li').first().getByRole('link').first().click()
  await expect(mentor.getByRole('heading', { name: 'Missed in the post-test' })).toBeVisible()
  await expect(mentor.getByText(missed).first()).toBeVisible()

  await look(mentor)
  await press(mentee, 'Start a new attempt')
  await look(mentee)
  // Nothing chosen: the gaps are named, and nothing is handed in.
  await press(mentee, 'Hand in')
  await expect(mentee.getByRole('alert').getByRole('listitem')).toHaveCount(5)
  await look(mentee)
  await answers(mentee, true)
  await press(mentee, 'Hand in')
  await expect(mentee.getByText(/^Passed, with 100 percent/)).toBeVisible()
}

/** Option 3: the mentee has checked the rules and says when the exam is to be. */
export async function examIsPlanned({ mentee }: Cast) {
  await menu(mentee, 'My study')
  await follow(mentee, 'Fill in')
  await mentee.getByLabel(/^I checked my eligibility/).fill(day())
  await mentee.getByLabel('I aim to take the exam on').fill(day(200))
  await press(mentee, 'Save the plan')
  await told(mentee, 'Your exam plan is saved.')
}

/** Option 3: the rules are answered, hours logged by hand and from a list, and the map and the calendar looked at. */
export async function examIsPrepared({ mentee, look }: Cast) {
  await follow(mentee, 'Are you eligible?')
  await mentee.getByRole('group', { name: /^You belong to a discipline/ }).getByLabel('Yes').check()
  await mentee.getByRole('group', { name: /^You have 1,000 hours/ }).getByLabel('Not yet').check()
  await look(mentee)
  await press(mentee, 'Save my answers')
  await told(mentee, 'Your answers are kept. Only you see them.')
  await expect(mentee.getByText('By your answers you meet 1 of 5 rules, and 1 not yet. CBDCE decides when you apply.')).toBeVisible()

  await follow(mentee, 'The log')
  await mentee.getByLabel(/^Day/).fill(day())
  await mentee.getByLabel('Hours', { exact: true }).fill('25')
  await mentee.getByLabel('What you did').fill('Taught a class on sick days')
  await press(mentee, 'Log them')
  await expect(mentee.getByRole('alert').getByText('A day has no 25 hours. Check the number.')).toBeVisible()
  await expect(mentee.getByLabel('What you did')).toHaveValue('Taught a class on sick days')
  await mentee.getByLabel('Hours', { exact: true }).fill('7.5')
  await press(mentee, 'Log them')
  await told(mentee, 'Logged. What counts today stands above.')
  await expect(mentee.getByRole('row', { name: /The last year/ })).toContainText('7.5')

  const list = (text: string) => ({ name: 'hours.csv', mimeType: 'text/csv', buffer: Buffer.from(text) })
  await mentee.getByLabel('List of hours').setInputFiles(list('Date,Hours,Activity\n2026-01,-5,Visits\n'))
  await press(mentee, 'Look at the list')
  await expect(mentee.getByText('One thing does not fit, so nothing is taken.')).toBeVisible()
  await mentee.getByLabel('List of hours').setInputFiles(list('Date,Hours,Activity\n2026-01,40,Visits\n2026-02,38.5,Visits\n'))
  await press(mentee, 'Look at the list')
  await expect(mentee.getByText('2 rows with 78.5 hours would be added.')).toBeVisible()
  await look(mentee)
  await press(mentee, 'Take it into the log')
  await told(mentee, 'The list is in your log now.')

  await menu(mentee, 'My study')
  await follow(mentee, 'Filled in')
  await follow(mentee, 'What the exam covers')
  await expect(mentee.getByRole('heading', { name: 'What the exam covers' })).toBeVisible()
  await look(mentee)
  await follow(mentee, 'Exam plan')
  await follow(mentee, 'Study calendar')
  await expect(mentee.getByText(/^Every required chapter is read\./)).toBeVisible()
}

/** Option 3: what came of the exam, which the coordinator sees. */
export async function examIsPassed({ mentee, coordinator }: Cast) {
  await mentee.goto('/mentee/exam')
  await mentee.getByText('Record a result').click()
  await mentee.getByLabel('I took the exam on').fill(day())
  await mentee.getByLabel('Passed', { exact: true }).check()
  await press(mentee, 'Record it')
  await told(mentee, 'The result is recorded.')
  await menu(coordinator, 'Reports')
  await expect(coordinator.getByRole('row', { name: /^Became certified/ }).first()).toContainText('1 of 1')
}

/** The mentee asks in the thread of a chapter and the mentor answers. */
export async function aQuestionIsAnswered({ mentee, mentor }: Cast) {
  await menu(mentee, 'My study')
  await mentee.locator('ol.chapters > li').nth(1).getByRole('link').first().click()
  await mentee.getByLabel(/^Write to/).fill('When do I bring up sick days?')
  await mentee.getByLabel('Put it on the agenda of our next talk').check()
  await press(mentee, 'Send')
  await told(mentee, 'Sent.')

  await menu(mentor, 'My mentees')
  await follow(mentor, 'Answer')
  await mentor.getByRole('link', { name: /^Chapter 2/ }).click()
  await expect(mentor.getByText('When do I bring up sick days?')).toBeVisible()
  await mentor.getByLabel(/^Write to/).fill('Before the first cold of the year.')
  await press(mentor, 'Send')
  await told(mentor, 'Sent.')

  await mentee.reload()
  await expect(mentee.getByText('Before the first cold of the year.')).toBeVisible()
}

/** The mentee proposes two times, the mentor takes the second; both see it, and it is in the calendar's file. */
export async function talkIsAgreed({ mentee, mentor, mailbox, look }: Cast) {
  await menu(mentee, 'My study')
  await follow(mentee, 'Propose a time')
  await mentee.getByLabel('Day', { exact: true }).fill(day(4))
  await mentee.getByLabel('Time', { exact: true }).fill('17:30')
  await mentee.getByLabel(/^Another day/).fill(day(6))
  await mentee.getByLabel(/^Time on it/).fill('12:15')
  await mentee.getByLabel('How', { exact: true }).selectOption('Video')
  await mentee.getByRole('textbox', { name: /^Where/ }).fill('https://video.example/room')
  await look(mentee)
  await press(mentee, 'Propose')
  await told(mentee, 'Proposed.')

  await menu(mentor, 'My mentees')
  await follow(mentor, 'Choose a time')
  await expect(mentor.getByRole('heading', { name: `${MENTEE.name} proposes to talk` })).toBeVisible()
  await mentor.getByLabel(/12:15 pm/).check()
  await look(mentor)
  await press(mentor, 'Take this time')
  await told(mentor, 'Agreed.')
  await mailbox.mail(MENTEE.email, /^Your talk with /)
  await mailbox.mail(MENTOR.email, /^Your talk with /)

  for (const page of [mentee, mentor]) {
    await menu(page, page === mentee ? 'My study' : 'My mentees')
    await expect(page.getByText(/Next talk.*12:15 pm/).first()).toBeVisible()
  }
  await follow(mentee, 'Change')
  const file = await mentee.context().request.get((await mentee.getByRole('link', { name: 'Put it in my calendar' }).getAttribute('href'))!)
  expect(file.headers()['content-type']).toContain('text/calendar')
  expect(await file.text()).toContain('METHOD:REQUEST')
}

/** The mentee puts a question on the agenda and logs the talk; the mentor says that it was so. */
export async function talkIsLoggedAndConfirmed({ mentee, mentor, look }: Cast) {
  await menu(mentee, 'My study')
  await follow(mentee, 'Read or ask')
  await mentee.getByLabel(/^Write to/).fill('How do I begin a first visit?')
  await press(mentee, 'Send')
  await told(mentee, 'Sent.')
  await press(mentee, 'Put on the agenda')
  await told(mentee, 'It stands on the agenda of your next talk.')

  await menu(mentee, 'My study')
  await follow(mentee, 'For the next talk')
  await expect(mentee.getByText('How do I begin a first visit?')).toBeVisible()
  await mentee.getByLabel('Minutes').fill('60')
  await mentee.getByLabel('How', { exact: true }).selectOption('Phone')
  await mentee.getByLabel(/^To follow up/).fill('Send the opening questions')
  await look(mentee)
  await press(mentee, 'Save the talk')
  await told(mentee, 'The talk is logged.')
  await expect(mentee.getByText('not confirmed yet')).toBeVisible()

  await menu(mentor, 'My mentees')
  await follow(mentor, 'Answer')
  await menu(mentor, 'My mentees')
  await follow(mentor, 'Confirm')
  await mentor.getByText('It was different').click()
  const different = mentor.getByRole('listitem').filter({ hasText: 'It was different' })
  await different.getByLabel('Minutes').fill('40')
  await different.getByLabel('In a word').fill('it was 40 minutes')
  await look(mentor)
  await press(mentor, 'Put it right')
  await told(mentor, 'Put right.')

  await menu(mentee, 'My study')
  await follow(mentee, 'Confirm')
  await expect(mentee.getByText(/it was 40 minutes/).first()).toBeVisible()
  await press(mentee, 'Yes, it was so')
  await told(mentee, 'Confirmed.')
  await press(mentee, 'Done')
  await told(mentee, 'Done, and off the agenda.')
}

/** The mentor signs one chapter off on its page, and the others together with a talk. */
export async function everyChapterIsDiscussed({ mentor }: Cast, chapters: number) {
  await menu(mentor, 'My mentees')
  await follow(mentor, MENTEE.name)
  await follow(mentor, 'Sign off')
  await expect(mentor.getByText('Ask first, then teach.')).toBeVisible()
  await mentor.getByLabel('A word back').fill('A good beginning.')
  await press(mentor, 'Sign off as discussed')
  await told(mentor, 'Signed off.')

  await menu(mentor, 'My mentees')
  await follow(mentor, 'Prepare the talk')
  await expect(mentor.getByText('When do I bring up sick days?')).toBeVisible()
  await mentor.getByLabel('Minutes').fill('50')
  const ready = mentor.getByRole('group', { name: 'Sign off these chapters as discussed' }).getByRole('checkbox')
  await expect(ready).toHaveCount(chapters - 1)
  for (const box of await ready.all()) await box.check()
  await mentor.getByLabel('Notes').fill('Everything else, in one long talk.')
  await mentor.getByLabel('To follow up').fill('Send the sick-day sheet')
  await press(mentor, 'Save the talk')
  await told(mentor, 'The talk is logged.')
}

/** The coordinator issues the certificate; the mentee has it, and anyone can check it. */
export async function certificateIsIssued({ coordinator, mentee, mailbox, look }: Cast, stranger: Page) {
  await menu(coordinator, 'Desk')
  await follow(coordinator, /^Preview and issue, /)
  await expect(coordinator.getByRole('region', { name: 'Preview' })).toContainText(MENTEE.name)
  await look(coordinator)
  await press(coordinator, 'Issue the certificate')
  await told(coordinator, 'The certificate is issued')
  const number = (await coordinator.getByText(/^QDEI-\d{4}-\d{4}$/).textContent()) ?? ''

  await menu(mentee, 'My study')
  await expect(mentee.getByRole('heading', { name: 'You have your certificate' })).toBeVisible()
  await look(mentee)
  const pdf = (await mentee.getByRole('link', { name: 'Open the certificate' }).getAttribute('href')) ?? ''
  await expectPdf(mentee, pdf)
  expect((await stranger.request.get(pdf)).headers()['content-type']).not.toContain('application/pdf')

  await stranger.goto('/')
  await stranger.getByRole('link', { name: 'Check a certificate' }).first().click()
  await stranger.getByLabel('Certificate number').fill(number)
  await press(stranger, 'Check')
  await expect(stranger.getByRole('heading', { name: 'Valid' })).toBeVisible()
  await expect(stranger.getByText(MENTEE.name)).toHaveCount(0)
  const mail = await mailbox.mail(MENTEE.email, /certificate/i)
  expect(mail.text).toContain(number)
  const coded = (await mentee.getByRole('link', { name: 'How others check it' }).getAttribute('href')) ?? ''
  expect(coded).toMatch(new RegExp(`^/verify/${number}/.{8,}$`))
  await stranger.goto(coded)
  await expect(stranger.getByText(MENTEE.name)).toBeVisible()
  await look(stranger)
}
