// Keeps the site open without a line, for the one mentee who is signed in on this device: the shell, the pages last seen,
// and entries that wait to be sent. The server puts VERSION, SHELL and OFFLINE in front of this file, so that a change of
// any file of the shell is a new worker.
//
// Whose a page is, the server says in a header with each page. Nothing is shown or sent for anybody else: what is kept
// goes when the session is over, when somebody else is signed in, and at sign-out.
/* global VERSION, SHELL, OFFLINE */
importScripts('/kept.js')

const WHOSE = 'x-qdei-whose'
const KEPT_AT = 'x-qdei-kept-at'
const PAGES = 'pages '
/** A page that nobody has loaded anew for so long is not shown any more. */
const LONGEST = 7 * 86_400_000
/** How long a slow line is waited for where there is something to show or keep instead. */
const PATIENCE = 12_000
const KEEPABLE = /^\/(mentee|enrollments\/[^/]+\/chapters(\/[^/]+)?)$/
const ENTRY = '/api/log-chapter'
const SIGN_OUT = '/api/sign-out'

/** Counts up when somebody signs out, so that a page which arrives later is not kept. */
let epoch = 0

addEventListener('install', (event) => {
  const fill = async () => (await caches.open(`shell ${VERSION}`)).addAll([...SHELL, OFFLINE])
  event.waitUntil(fill().then(() => skipWaiting()))
})

addEventListener('activate', (event) => {
  event.waitUntil(dropCaches((name) => name.startsWith('shell ') && name !== `shell ${VERSION}`).then(() => clients.claim()))
})

addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (origin !== location.origin) return
  if (request.method === 'POST' && request.mode === 'navigate') {
    if (pathname === ENTRY) event.respondWith(sendEntry(event))
    if (pathname === SIGN_OUT) event.respondWith(signOut(request))
  } else if (request.method === 'GET' && request.mode === 'navigate') {
    if (!/\.\w+$/.test(pathname)) event.respondWith(open(event))
  } else if (request.method === 'GET' && SHELL.some((path) => path.split('?')[0] === pathname)) {
    event.respondWith(ofShell(request))
  }
})

addEventListener('sync', (event) => event.waitUntil(flush()))

addEventListener('message', (event) => {
  const { keep, flush: now } = event.data
  if (keep) event.waitUntil(Promise.all(keep.map(fetchAhead)))
  if (now) event.waitUntil(flush())
})

// Pages

async function open(event) {
  const { request } = event
  await finishSignOut()
  const answer = fetch(request)
  const when = epoch
  answer.catch(() => {})
  try {
    const response = await ((await find(request)) ? withPatience(answer) : answer)
    if (isGate(response)) throw response
    event.waitUntil(keep(request.url, response.clone(), when).then(() => flush()))
    return response
  } catch {
    return instead(request)
  }
}

/** The answer of a slow line, given up on after a while. */
const withPatience = (answer) => Promise.race([answer, new Promise((_, no) => setTimeout(no, PATIENCE))])

/** A gate on the way that answers in the place of a server it does not reach. */
const isGate = (response) => [502, 504].includes(response.status)

/** Keeps a page for its reader, and learns from it who is signed in. */
async function keep(url, response, when) {
  const whose = response.headers.get(WHOSE)
  if (whose === null || when !== epoch) return
  await dropCaches((name) => name.startsWith(PAGES) && name !== PAGES + whose)
  // A session that is over may be begun again: what waits, waits for the same person.
  if (!whose) return
  await forgetOthers(whose)
  const { pathname, search } = new URL(url)
  if (!response.ok || !KEEPABLE.test(pathname) || /[?&]\w+=/.test(search.replace(/[?&](done|kept)=[^&]*/g, ''))) return
  const headers = new Headers(response.headers)
  headers.set(KEPT_AT, new Date().toISOString())
  for (const name of ['content-encoding', 'content-length']) headers.delete(name)
  const page = new Response(await response.text(), { headers })
  // Somebody may have signed out while it was read.
  if (when === epoch) await (await caches.open(PAGES + whose)).put(pathname, page)
}

/** Loads a page that may be wanted without a line. It is told so, because nobody has read it. */
async function fetchAhead(path) {
  const when = epoch
  try {
    await keep(new URL(path, location.origin).href, await fetch(path, { headers: { 'x-qdei-ahead': '1', accept: 'text/html' } }), when)
  } catch {
    // Another time.
  }
}

const pagesCache = async () => {
  const name = (await caches.keys()).find((name) => name.startsWith(PAGES))
  return name && caches.open(name)
}

/** A kept page that is not too old. */
async function find(request) {
  const page = await (await pagesCache())?.match(request, { ignoreSearch: true, ignoreVary: true })
  return page && Date.now() - Date.parse(page.headers.get(KEPT_AT)) < LONGEST ? page : undefined
}

async function instead(request) {
  const page = await find(request)
  if (page) {
    const { headers } = page
    const html = await page.text()
    return new Response(html.replace('<html ', `<html data-kept-at="${headers.get(KEPT_AT)}" `), { headers })
  }
  const { pathname } = new URL(request.url)
  const start = ['/', '/home', '/sign-in'].includes(pathname)
  if (start && (await find(new Request('/mentee')))) return Response.redirect('/mentee')
  return (await caches.match(OFFLINE)) ?? Response.error()
}

async function ofShell(request) {
  const kept = await caches.match(request, { ignoreVary: true })
  if (kept) return kept
  try {
    return await fetch(request)
  } catch {
    // A page that was kept before the site changed asks for files of then.
    return (await caches.match(request, { ignoreSearch: true, ignoreVary: true })) ?? Response.error()
  }
}

async function dropCaches(which) {
  await Promise.all((await caches.keys()).filter(which).map((name) => caches.delete(name)))
}

// Entries

/** Sends an entry, or keeps it until there is a line. Its key makes it safe to send again what may have arrived. */
async function sendEntry(event) {
  const { request } = event
  const body = await request.clone().text()
  try {
    const answer = await withPatience(fetch(request))
    if (!isGate(answer)) return answer
  } catch {
    // No line, or none to speak of.
  }
  try {
    const typed = new URLSearchParams(body)
    await addWaiting({ body, whose: typed.get('_for'), at: Date.now() })
    // Where the browser can, it wakes the worker when the line is back, even with no page open.
    await registration.sync?.register('entries').catch(() => {})
    return Response.redirect(`/enrollments/${typed.get('enrollment')}/chapters/${typed.get('chapter')}?kept=1`, 303)
  } catch {
    // Nothing can be kept here: the browser's own page offers to send the form again.
    return Response.error()
  }
}

/** Sends what waits, one after the other, each until the server has said what became of it. */
function flush() {
  return navigator.locks.request('entries', { ifAvailable: true }, async (lock) => {
    if (!lock) return
    let sent = 0
    for (const entry of await allWaiting()) {
      if (entry.refused) continue
      const answer = await post(ENTRY, entry.body)
      if (!answer) break
      if (answer.ok) {
        await removeWaiting(entry.id)
        sent += 1
      } else if ([400, 403, 404, 409, 413, 422].includes(answer.status)) {
        const { reasons } = await answer.json().catch(() => ({}))
        await changeWaiting({ ...entry, refused: reasons ?? [] })
      } else {
        // Signed out, or the server is busy: it waits on.
        break
      }
    }
    for (const client of await clients.matchAll()) client.postMessage({ sent })
  })
}

const post = (path, body) =>
  fetch(path, { method: 'POST', body: new URLSearchParams(body), headers: { accept: 'application/json' } }).catch(() => null)

// Signing out

/** Whatever is kept here goes first; without a line the session itself is ended as soon as there is one. */
async function signOut(request) {
  epoch += 1
  await forgetAll().catch(() => {})
  await dropCaches((name) => name.startsWith(PAGES))
  try {
    return await fetch(request)
  } catch {
    await (await caches.open('sign-out')).put('/', new Response())
    return (await caches.match(OFFLINE)) ?? Response.error()
  }
}

async function finishSignOut() {
  if (!(await caches.has('sign-out'))) return
  if ((await post(SIGN_OUT, ''))?.ok) await caches.delete('sign-out')
}
