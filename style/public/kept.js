// Entries that wait on this device to be sent, for the service worker and the page alike: what was typed, for whom, since
// when, and why the server refused it, if it did.
const database = () =>
  new Promise((done, fail) => {
    const request = indexedDB.open('qdei', 1)
    request.onupgradeneeded = () => request.result.createObjectStore('waiting', { keyPath: 'id', autoIncrement: true })
    request.onsuccess = () => done(request.result)
    request.onerror = request.onblocked = () => fail(request.error)
  })

/** Runs one request on the store and gives its result once it is on the disk. */
async function withWaiting(mode, act) {
  const opened = await database()
  try {
    return await new Promise((done, fail) => {
      const transaction = opened.transaction('waiting', mode, { durability: 'strict' })
      const request = act(transaction.objectStore('waiting'))
      transaction.oncomplete = () => done(request.result)
      transaction.onerror = transaction.onabort = () => fail(transaction.error)
    })
  } finally {
    opened.close()
  }
}

const allWaiting = () => withWaiting('readonly', (store) => store.getAll())
const addWaiting = (entry) => withWaiting('readwrite', (store) => store.add(entry))
const changeWaiting = (entry) => withWaiting('readwrite', (store) => store.put(entry))
const removeWaiting = (id) => withWaiting('readwrite', (store) => store.delete(id))
const forgetAll = () => withWaiting('readwrite', (store) => store.clear())

/** What another person left here goes unseen: computers are shared. */
async function forgetOthers(whose) {
  for (const entry of await allWaiting()) if (entry.whose !== whose) await removeWaiting(entry.id)
}
