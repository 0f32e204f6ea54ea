// Option 3 from an empty database to a certificate: the same book as Option 2, with a plan for the exam.
import * as story from '../support/story.ts'
import { test } from '../support/test.ts'

test('Option 3, from nothing to a certificate', async ({ program, mailbox, person }) => {
  const cast = await story.cast(program, mailbox, person)
  await story.coordinatorBegins(cast)
  await story.mentorJoins(cast)
  await story.copyArrives(cast, /Art and Science/)
  await story.menteeJoins(cast, /^Option 3,/)
  await story.pairMeets(cast)
  await story.bookIsLent(cast)
  await story.planIsMade(cast)
  await story.letterIsSigned(cast)
  const chapters = await story.everyChapterIsRead(cast)
  await story.examIsPlanned(cast)
  await story.examIsPrepared(cast)
  await story.aQuestionIsAnswered(cast)
  await story.everyChapterIsDiscussed(cast, chapters)
  await story.certificateIsIssued(cast, await person(program.url))
  await story.examIsPassed(cast)
})
