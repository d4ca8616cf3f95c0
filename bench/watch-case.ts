export async function run(_: {}): Promise<object> {
  return {}
}
