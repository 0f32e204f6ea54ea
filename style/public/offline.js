// The page's part of working without a line, for a signed-in mentee: starts the service worker, shows what waits to be
// sent and why something was refused, and asks before a sign-out that would lose it. Without it every page and form works
// as it is.
const { whose, zone } = document.currentScript.dataset
const page = document.documentElement
const main = document.getElementById('main')

/** An element with its properties and what stands in it: texts stay texts, whatever was typed. */
function make(tag, properties = {}, ...inside) {
  const element = Object.assign(document.createElement(tag), properties)
  element.append(...inside.filter(Boolean))
  return element
}

const button = (words, act, quiet = true) => make('button', { type: 'button', className: quiet ? 'button quiet small' : 'button small', onclick: act }, words)
const counted = (count, one, many) => (count === 1 ? `1 ${one}` : `${count} ${many}`)
const day = (date) => date.toLocaleDateString('en-US', { weekday: 'long', month: 'short', day: 'numeric' })
const time = (date) => date.toLocaleTimeString('en-US', { hour: 'numeric', minute: '2-digit' }).toLowerCase()

function begin() {
  const worker = navigator.serviceWorker
  // Once it is there the browser itself looks for a newer one.
  if (!worker.controller) worker.register('/service-worker.js').catch(() => {})
  worker.ready.then(({ active }) => active.postMessage({ keep: ahead(), flush: true }))
  worker.addEventListener('message', ({ data }) => showWaiting(data.sent))
  addEventListener('online', flush)
  setInterval(() => document.querySelector('.waiting-entries [data-waits]') && flush(), 20_000)
  if (page.dataset.keptAt) showKept(new Date(page.dataset.keptAt))
  for (const form of document.querySelectorAll('form[action="/api/sign-out"]')) form.addEventListener('submit', beforeSignOut)
  showWaiting(0)
}

const flush = () => navigator.serviceWorker.controller?.postMessage({ flush: true })

/** This page, and those that may be wanted next without a line: the outline, the present chapter and the two after it. */
function ahead() {
  if (page.dataset.keptAt) return []
  const chapters = [...document.querySelectorAll('.chapters > li')]
  const present = chapters.findIndex((row) => row.ariaCurrent === 'step')
  const rows = present < 0 ? [] : chapters.slice(present, present + 3)
  const links = rows.map((row) => row.querySelector('.chapter-title a')?.getAttribute('href')).filter(Boolean)
  return [location.pathname, ...new Set(links.map((link) => link.replace(/\/[^/]+$/, ''))), ...links]
}

/** A page from the device says so, and its forms are made ready to be sent once each. */
function showKept(at) {
  main.prepend(
    make('div', { className: 'notice', role: 'status' },
      make('p', {}, `There is no line just now. This page is as it was on ${day(at)}, ${time(at)}. What you log is kept on this device and sent when you are back online.`)),
  )
  for (const key of document.querySelectorAll('input[name="key"]')) key.value = newKey()
  // The program's day, by which the server judges what is still to come.
  const today = new Date().toLocaleDateString('en-CA', { timeZone: zone })
  for (const date of document.querySelectorAll('input[name="studied_on"]')) {
    if (!date.form.elements.replaces && date.value < today) date.value = today
  }
}

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-8$4-$5')
}

// What waits

const waiting = async () => (await allWaiting().catch(() => [])).filter((entry) => entry.whose === whose)

async function showWaiting(sent) {
  const entries = await waiting()
  document.querySelector('.waiting-entries')?.remove()
  if (sent) {
    const words = `${counted(sent, 'entry', 'entries')} that waited on this device ${sent === 1 ? 'is' : 'are'} sent. `
    main.prepend(make('div', { className: 'notice good', role: 'status' }, make('p', {}, words, make('a', { href: location.pathname }, 'Show this page as it is now'))))
  }
  if (!entries.length) return
  if (page.dataset.keptAt) entries.forEach(emptyForm)
  const rows = entries.map((entry) => (entry.refused ? refusedEntry(entry) : waitingEntry(entry)))
  main.prepend(make('section', { className: 'waiting-entries', ariaLabel: 'Kept on this device' }, ...rows))
}

/** A kept page still shows the words of before; those that wait are on their way and stand there no more. */
function emptyForm({ body, refused }) {
  const draft = new URLSearchParams(body).get('_draft')
  const form = !refused && [...document.querySelectorAll('.form')].find((form) => form.elements._draft?.value === draft)
  if (!form || form.dataset.emptied) return
  form.dataset.emptied = '1'
  for (const text of form.querySelectorAll('textarea')) text.value = ''
  form.querySelector('[data-part="said"]').textContent = ''
}

function told(typed) {
  const date = new Date(`${typed.get('studied_on')}T12:00`)
  const when = Number.isNaN(date.getTime()) ? typed.get('studied_on') : day(date)
  return [
    make('p', {}, make('strong', {}, typed.get('_title') ?? 'An entry'), ` ${typed.get('minutes')} minutes, ${when}`),
    typed.get('reflection') && make('p', { className: 'typed' }, typed.get('reflection')),
  ]
}

function waitingEntry({ body }) {
  const row = make('div', { className: 'notice' }, ...told(new URLSearchParams(body)), make('p', { className: 'small' }, 'Kept on this device, sent when you are back online.'))
  row.dataset.waits = ''
  return row
}

function refusedEntry(entry) {
  const typed = new URLSearchParams(entry.body)
  const form = [...document.querySelectorAll('form[action="/api/log-chapter"]')].find((form) => form.elements.chapter.value === typed.get('chapter'))
  const reasons = entry.refused.length ? entry.refused.join(' ') : 'The chapter or the enrollment is not open for it any more.'
  const path = `/enrollments/${typed.get('enrollment')}/chapters/${typed.get('chapter')}`
  const remove = async () => {
    await removeWaiting(entry.id)
    await showWaiting(0)
  }
  const mend = () => {
    putBack(form, typed)
    return remove()
  }
  return make('div', { className: 'notice bad', role: 'alert' },
    make('p', {}, make('strong', {}, 'This entry was not taken. '), reasons),
    ...told(typed),
    make('div', { className: 'actions' }, form ? button('Put it back into the form', mend, false) : make('a', { href: path }, 'Open the chapter'), button('Remove it', remove)))
}

/** What was typed stands in the form again, to be mended. */
function putBack(form, typed) {
  for (const field of form.elements) {
    if (!field.name || field.type === 'hidden') continue
    if (field.type === 'checkbox') field.checked = typed.has(field.name)
    else field.value = typed.get(field.name) ?? ''
  }
  const fold = form.closest('details')
  if (fold) fold.open = true
  form.dispatchEvent(new Event('input', { bubbles: true }))
  form.querySelector('[name="minutes"]').focus()
}

// Signing out

const storages = () => {
  try {
    return [localStorage, sessionStorage]
  } catch {
    return []
  }
}

const draftsIn = (storage) => Object.keys(storage).filter((key) => key.startsWith('qdei:'))

/** Only here: typed without a line, and not sent. */
const unsaved = () => storages().slice(0, 1).flatMap((storage) => draftsIn(storage).filter((key) => !/&_(saved|sent)=/.test(storage.getItem(key))))

async function beforeSignOut(event) {
  const form = event.target
  if (form.dataset.sure) return
  event.preventDefault()
  const [entries, texts] = [(await waiting()).length, unsaved().length]
  if (entries + texts && !(await askSignOut(entries, texts))) return
  for (const storage of storages()) for (const key of draftsIn(storage)) storage.removeItem(key)
  form.dataset.sure = '1'
  form.requestSubmit()
}

function askSignOut(entries, texts) {
  const words = [
    entries && `${counted(entries, 'entry has', 'entries have')} not been sent yet.`,
    texts && `What you typed in ${counted(texts, 'form', 'forms')} has not been saved yet.`,
    'It is kept on this device only, and signing out removes it.',
  ]
  return new Promise((done) => {
    const dialog = make('dialog', { className: 'ask', onclose: () => (dialog.remove(), done(dialog.returnValue === 'out')) },
      make('p', {}, words.filter(Boolean).join(' ')),
      make('form', { method: 'dialog', className: 'actions' },
        make('button', { className: 'button', value: 'stay' }, 'Stay signed in'),
        make('button', { className: 'button quiet', value: 'out' }, 'Sign out and remove it')))
    document.body.append(dialog)
    dialog.showModal()
  })
}

if (navigator.serviceWorker && main) begin()
