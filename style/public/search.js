// "/" leads to the coordinator's search field, Escape back to where one was. Without it the field is reached as any other.
const field = document.getElementById('search')
let before
addEventListener('keydown', (event) => {
  const typing = event.target.closest?.('input, textarea, select, [contenteditable]')
  if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault()
    before = document.activeElement
    field.select()
  } else if (event.key === 'Escape' && event.target === field) {
    field.blur()
    before?.focus()
  }
})
