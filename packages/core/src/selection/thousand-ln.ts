const bits = 10
const size = 2 ** bits
/** The same of the middle of each part that the numbers from 1 to 2 are cut into. */
const ofMantissa = Float64Array.from({ length: size }, (_, i) => 1000 * Math.log(1 + (i + 0.5) / size))
const ofTwo = 1000 * Math.LN2
const view = new DataView(new ArrayBuffer(8))

/**
 * 1000 * ln x, to within 0.5, of a number above 1e-307: read from the bits of the number itself, its exponent and the
 * first ten of its mantissa. `Math.log` takes ten times as long, a sixth of all that counting a call costs. Never less
 * for a greater number.
 */
export function thousandLn(x: number): number {
  view.setFloat64(0, x)
  const high = view.getUint32(0)
  const exponent = (high >>> 20) - 1023
  const mantissa = (high >>> (20 - bits)) & (size - 1)
  return exponent * ofTwo + ofMantissa[mantissa]!
}
