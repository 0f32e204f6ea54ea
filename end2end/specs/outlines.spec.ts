// What the coordinator prepares for study: a new version of an outline from a pasted table of contents, and questions
// from a file, of which none counts before it is approved.
import { startProgram } from '../support/program.ts'
import { expect, follow, type Page, press, signIn, test, told } from '../support/test.ts'

const CONTENTS = [
  'Part One: The basics',
  'I. What diabetes is, and its types, pp. 1-20',
  '2. Eating well with diabetes ........ 21',
  '3. Caring for eyes and feet',
].join('\n')

const QUESTIONS = `
::A pair::Which word belongs to which meaning? {=A1C -> an average of some months =A glucose reading -> one moment}

::A saying::Say in your own words why people with diabetes are asked about sleep. {}

::A slip::Which of these is broken? {
`

async function coordinatorAt(person: (url: string) => Promise<Page>, url: string): Promise<Page> {
  const page = await person(url)
  await signIn(page, 'coordinator@demo.qdei.example')
  return page
}

test('a table of contents becomes a version that newcomers study by', async ({ person }) => {
  const program = await startProgram({ demo: true })
  try {
    const page = await coordinatorAt(person, program.url)
    await page.goto('/coordinator/questions')
    await page.locator('a[href^="/coordinator/outlines/"]').first().click()
    await press(page, 'Edit as a draft')
    await page.getByText('Paste another table of contents').click()
    await page.getByLabel('Table of contents').fill(`${CONTENTS}\n4. ${'long '.repeat(80)}`)
    await press(page, 'Read it')

    // A title that cannot be is named with its line, and the text stays.
    await expect(page.getByRole('alert')).toContainText('Line 5')
    await expect(page.getByLabel('Table of contents')).toHaveValue(/Caring for eyes and feet\s+4\. long/)
    await page.getByLabel('Table of contents').fill(CONTENTS)
    await press(page, 'Read it')
    await told(page, 'The table of contents is read.')
    await expect(page.getByLabel('Title, row 3')).toHaveValue('Caring for eyes and feet')
    await expect(page.getByLabel('Part, row 1')).toHaveValue(/The basics/)

    await page.getByRole('button', { name: 'Up: row 3', exact: true }).click()
    await expect(page.getByLabel('Title, row 2')).toHaveValue('Caring for eyes and feet')
    await press(page, 'Publish')
    await told(page, 'The new version is published.')
    await expect(page.getByText('Unconfirmed', { exact: true })).toBeVisible()
    await expect(page.locator('table.ledger').getByRole('rowheader', { name: 'Caring for eyes and feet' })).toBeVisible()
    await follow(page, 'Compare with another version')
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await expect(page.getByText('Caring for eyes and feet').first()).toBeVisible()
  } finally {
    await program.stop()
  }
})

test('questions come from a file, wait for review, and count once they are approved', async ({ person }) => {
  const program = await startProgram({ demo: true })
  try {
    const page = await coordinatorAt(person, program.url)
    await page.goto('/coordinator/questions')
    await page.locator('main a[href^="/coordinator/questions/"]', { hasText: 'Chapter 1' }).or(page.getByRole('link', { name: /What diabetes is/ })).first().click()
    await expect(page.getByText(/\d+ approved, \d+ unreviewed\./)).toBeVisible()
    const counts = async () => (await page.getByText(/\d+ approved, \d+ unreviewed\./).innerText()).match(/\d+/g)?.map(Number) ?? []
    const [approved = 0, unreviewed = 0] = await counts()
    await page.locator('a[href^="/coordinator/questions/import?chapter="]').click()
    await page.getByLabel('File of questions').setInputFiles({ name: 'words.gift.txt', mimeType: 'text/plain', buffer: Buffer.from(QUESTIONS) })
    await press(page, 'Look at the file')

    // The broken one is named with its line; nothing has been done yet.
    await expect(page.getByRole('heading', { name: 'What cannot be taken' })).toBeVisible()
    await expect(page.getByText('Line 6', { exact: true })).toBeVisible()
    await page.getByLabel('Leave out what cannot be taken').check()
    await press(page, 'Import, unreviewed')
    await expect(page.getByText('2 questions are imported.')).toBeVisible()

    await page.locator('main ul.lines a').first().click()
    expect(await counts()).toEqual([approved, unreviewed + 2])
    await press(page, `Approve all ${unreviewed + 2}`)
    await told(page, 'Approved.')
    expect(await counts()).toEqual([approved + unreviewed + 2, 0])
  } finally {
    await program.stop()
  }
})
