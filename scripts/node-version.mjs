/** Ends with a plain sentence on a Node that Rollcall does not run on, before any syntax that such a Node cannot read. */
export function requireNode(version = process.versions.node) {
  if (isSupported(version)) return
  console.error(
    `Rollcall needs Node 20.19 or newer in 20, or 22.12 or newer; this is Node ${version}. Get one at nodejs.org.`,
  )
  process.exit(1)
}

// Those are the first that `require()` an ES module.
function isSupported(version) {
  const [major, minor] = version.split('.').map(Number)
  return (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22
}
