// Whether a page can be used by everyone: the rules of WCAG 2.2 AA that a machine can check, and no sideways scrolling.
import AxeBuilder from '@axe-core/playwright'
import { expect, type Page, test } from './test.ts'

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

export async function expectAccessible(page: Page, where = page.url()) {
  await expectNoViolations(checker(page).withTags(RULES), where)
}

/** What a change of colors can break, and nothing else. */
export async function expectReadable(page: Page, where = page.url()) {
  await expectNoViolations(checker(page).withRules('color-contrast'), where)
}

// There are no frames here, so the checker can do without the second page that it opens for them.
const checker = (page: Page) => new AxeBuilder({ page }).setLegacyMode(true)

async function expectNoViolations(builder: AxeBuilder, where: string) {
  // The checker is itself a script.
  if (test.info().project.use.javaScriptEnabled === false) return
  const { violations } = await builder.analyze()
  const found = violations.map((one) => `${one.id} (${one.help}): ${one.nodes.map((node) => node.target.join(' ')).slice(0, 4).join(' | ')}`)
  expect.soft(found, `accessible: ${where}`).toEqual([])
}

export async function expectNoOverflow(page: Page, where = page.url()) {
  const wide = await page.evaluate(() => {
    const room = document.documentElement.clientWidth
    if (document.documentElement.scrollWidth <= room) return []
    const out = [...document.querySelectorAll('main *')].filter((one) => one.getBoundingClientRect().right > room + 1)
    return out.slice(0, 5).map((one) => `${one.tagName.toLowerCase()}.${one.className}`)
  })
  expect.soft(wide, `no sideways scrolling: ${where}`).toEqual([])
}
