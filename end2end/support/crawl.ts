// Walks a site by its links as one person sees it: each kind of page once. Separate, because two specs look at the same
// pages in different ways.
import { expect, type Page } from './test.ts'

/** The people of the demo program whose pages differ. */
export const READERS: Record<string, string | undefined> = {
  anyone: undefined,
  'a mentee of Option 1': 'mentee1@demo.qdei.example',
  'a mentee of Option 2': 'mentee2@demo.qdei.example',
  'a mentee of Option 3': 'mentee3@demo.qdei.example',
  'a mentor': 'mentor@demo.qdei.example',
  'the coordinator': 'coordinator@demo.qdei.example',
}

/** Pages that no link leads to. */
const BESIDE = ['/forgotten-password', '/apply/thanks', '/verify/QDEI-2026-0001', '/verify/QDEI-1999-0001', '/coordinator/applications/new']

/**
 * Opens every kind of page that can be reached from `start`, and shows each to `look`. Gives how many there were. Pages
 * of one kind differ by the state of what they show: `ofAKind` of them are looked at.
 */
export async function crawl(page: Page, start: string, look: (path: string) => Promise<void>, ofAKind = 1): Promise<number> {
  const waiting = [start, ...(start === '/' ? BESIDE : [])]
  const met = new Map<string, Set<string>>()
  let count = 0
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    const kind = kindOf(path)
    const seen = met.get(kind) ?? new Set()
    if (seen.has(path) || seen.size >= ofAKind) continue
    met.set(kind, seen.add(path))
    if (/\.(pdf|csv|json|xlsx|ics|txt|xml)$/.test(path.split('?')[0])) {
      expect.soft((await page.request.get(path)).status(), path).toBeLessThan(400)
      continue
    }
    const response = await page.goto(path)
    if (!BESIDE.includes(path)) expect.soft(response?.status(), path).toBeLessThan(400)
    count += 1
    await look(path)
    const links = await page.locator('a[href]').evaluateAll((all) => all.map((one) => one.getAttribute('href') ?? ''))
    waiting.push(...links.flatMap((link) => onSite(link, page.url())))
  }
  return count
}

/** The path and query of a link of this site. */
function onSite(link: string, here: string): string[] {
  const url = new URL(link, here)
  return url.origin === new URL(here).origin ? [url.pathname + url.search] : []
}

/** Pages whose addresses differ in ids, numbers and answers are of one kind. */
function kindOf(path: string): string {
  const [place, query = ''] = path.split('?')
  const plain = place.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '{id}').replace(/QDEI-[\d-]+(\/.*)?/, (_, code) => (code ? '{number}/{code}' : '{number}'))
  const names = [...new URLSearchParams(query).keys()].sort().join('&')
  return names ? `${plain}?${names}` : plain
}
