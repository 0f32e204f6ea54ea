// A post-test in pieces: begun, left, gone on with, handed in with a gap; then what each of the three sees of it.
import { startProgram } from '../support/program.ts'
import { expect, follow, type Page, press, signIn, test, told } from '../support/test.ts'

/** From the home page to the post-test of the last chapter, which nobody has read yet. */
async function opensLastTest(mentee: Page) {
  await mentee.goto('/mentee')
  await mentee.locator('ol.chapters > li').last().getByRole('link').first().click()
  await follow(mentee, 'Take the post-test')
  await press(mentee, 'Start the post-test')
  await expect(mentee.locator('fieldset.question').first()).toBeVisible()
}

test('a post-test is left and gone on with, handed in with a gap, and seen by each as far as it is theirs', async ({ person }) => {
  const program = await startProgram({ demo: true })
  try {
    const [mentee, mentor, coordinator] = [await person(program.url), await person(program.url), await person(program.url)]
    await signIn(mentee, 'mentee1@demo.qdei.example')
    await opensLastTest(mentee)
    const path = new URL(mentee.url()).pathname
    const questions = mentee.locator('fieldset.question')
    const count = await questions.count()

    await questions.first().locator('input:not([type=hidden])').first().check()
    await press(mentee, 'Save for later')
    await told(mentee, 'Saved. You can go on here')
    await mentee.goto('/mentee')
    await mentee.goto(path)
    await expect(questions.first().locator('input:not([type=hidden])').first()).toBeChecked()

    // All but the second are answered: the gap is named and leads to its question.
    for (let place = 2; place < count; place += 1) {
      await questions.nth(place).locator('input:not([type=hidden])').first().check()
    }
    await press(mentee, 'Hand in')
    await expect(mentee.getByRole('alert').getByRole('listitem')).toHaveText(['Question 2 is not answered yet.'])
    await mentee.getByRole('link', { name: 'Question 2 is not answered yet.' }).click()
    await expect(questions.nth(1).locator('input:not([type=hidden])').first()).toBeInViewport()
    await expect(questions.first().locator('input:not([type=hidden])').first()).toBeChecked()
    await press(mentee, 'Hand in with gaps')
    await expect(mentee.locator('.score')).toBeVisible()
    await expect(mentee.getByRole('heading', { name: /you missed$/ })).toBeVisible()
    await expect(mentee.getByText('Not answered.')).toBeVisible()

    await signIn(mentor, 'mentor@demo.qdei.example')
    await mentor.goto(path)
    await expect(mentor.getByRole('heading', { name: 'To talk over' })).toBeVisible()
    await signIn(coordinator, 'coordinator@demo.qdei.example')
    expect((await coordinator.goto(path))?.status()).toBe(403)
    const [, , enrollment] = path.split('/')
    await coordinator.goto(`/coordinator/enrollments/${enrollment}/tests`)
    await expect(coordinator.getByRole('heading', { name: /^Post-tests of / })).toBeVisible()
    await expect(coordinator.locator('fieldset.question')).toHaveCount(0)
  } finally {
    await program.stop()
  }
})

test('a practice of Option 3 says how it went by topic, and counts toward nothing', async ({ person }) => {
  const program = await startProgram({ demo: true })
  try {
    const mentee = await person(program.url)
    await signIn(mentee, 'mentee3@demo.qdei.example')
    await mentee.goto('/mentee/practice')
    await expect(mentee.getByText('Practice counts toward nothing').first()).toBeVisible()
    await mentee.getByLabel('Questions', { exact: true }).fill('3')
    await press(mentee, 'Start the clock')
    await expect(mentee.getByText(/^Ends at/)).toBeVisible()
    const questions = mentee.locator('fieldset.question')
    await expect(questions).toHaveCount(3)
    await questions.first().locator('input:not([type=hidden])').first().check()
    await press(mentee, 'Finish')
    await expect(mentee.getByRole('heading', { name: 'By topic' })).toBeVisible()
    await expect(mentee.locator('.score')).toBeVisible()
  } finally {
    await program.stop()
  }
})
