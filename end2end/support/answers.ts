// The right answers of the starter questions, by the words of the question. Separate, because it reads the program's
// own content; a journey knows the answers as a mentee knows them who has read the chapter.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './program.ts'

/** The texts of the right choices of each question. */
export function rightAnswers(): Map<string, string[]> {
  const content = readFileSync(join(root, 'app/content/questions/complete-guide.toml'), 'utf8')
  const answers = new Map<string, string[]>()
  for (const question of content.split(/^\[\[question\]\]$/m).slice(1)) {
    const [head, ...choices] = question.split(/^\[\[question\.choice\]\]$/m)
    const right = choices.filter((choice) => /^correct = true$/m.test(choice)).map((choice) => text(choice))
    answers.set(text(head), right)
  }
  return answers
}

/** The `text` of a table; what TOML writes in quotes reads as JSON does here. */
function text(table: string): string {
  const quoted = table.match(/^text = (".*")$/m)
  if (!quoted) throw new Error(`No text in the questions: ${table}`)
  return JSON.parse(quoted[1])
}
