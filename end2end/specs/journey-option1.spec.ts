// Option 1 from an empty database to a certificate: the overview, with a post-test for each chapter and a borrowed book.
import { expectAccessible } from '../support/accessible.ts'
import * as story from '../support/story.ts'
import { test } from '../support/test.ts'

test('Option 1, from nothing to a certificate', async ({ program, mailbox, person }, info) => {
  // The states that a program passes through and the demo does not hold.
  const cast = await story.cast(program, mailbox, person, info.project.name === 'desktop' ? expectAccessible : undefined)
  await story.coordinatorBegins(cast, { 'Attempts at a chapter’s post-test in one day': '5' })
  await story.mentorJoins(cast)
  await story.questionsAreApproved(cast, /Complete Guide/)
  await story.copyArrives(cast, /Complete Guide/)
  await story.menteeJoins(cast, /^Option 1,.*Complete Guide/)
  await story.pairMeets(cast)
  await story.bookIsLent(cast)
  await story.planIsMade(cast)
  await story.selfEvaluationIsShared(cast)
  await story.letterIsSigned(cast)
  const chapters = await story.everyChapterIsRead(cast, (number) =>
    number === 1 ? story.aTestIsFailedFirst(cast) : story.takesTest(cast, true))
  await story.aQuestionIsAnswered(cast)
  await story.everyChapterIsDiscussed(cast, chapters)
  await story.certificateIsIssued(cast, await person(program.url))
})
