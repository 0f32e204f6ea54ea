// Option 2 from an empty database to a certificate: the intensive study, without post-tests, with a copy of one's own.
import * as story from '../support/story.ts'
import { test } from '../support/test.ts'

test('Option 2, from nothing to a certificate', async ({ program, mailbox, person }) => {
  const cast = await story.cast(program, mailbox, person)
  await story.coordinatorBegins(cast)
  await story.mentorJoins(cast)
  await story.menteeJoins(cast, /^Option 2,/)
  await story.pairMeets(cast)
  await story.ownBook(cast)
  await story.planIsMade(cast)
  await story.letterIsSigned(cast)
  const chapters = await story.everyChapterIsRead(cast)
  await story.aQuestionIsAnswered(cast)
  await story.everyChapterIsDiscussed(cast, chapters)
  await story.certificateIsIssued(cast, await person(program.url))
})
