// A pair agrees on a time, talks, logs it and has it confirmed.
import * as story from '../support/story.ts'
import { test } from '../support/test.ts'

test('a talk is proposed, agreed, prepared, logged and confirmed', async ({ program, mailbox, person }) => {
  const cast = await story.cast(program, mailbox, person)
  await story.coordinatorBegins(cast)
  await story.mentorJoins(cast)
  await story.menteeJoins(cast, /^Option 2,/)
  await story.pairMeets(cast)
  await story.talkIsAgreed(cast)
  await story.talkIsLoggedAndConfirmed(cast)
})
