/**
 * xoshiro128** (Blackman, Vigna): one seeded source of randomness, so that a seed repeats a market.
 * Floating point is used for probabilities and for the latent price process alone; prices and quantities leave the core as whole ticks and lots.
 */
export interface Prng {
  /** Uniform in [0, 1). */
  unit(): number;
  /** Standard normal. */
  normal(): number;
  /** Exponential with this mean. */
  exponential(mean: number): number;
  /** Lognormal with this median and the standard deviation of its logarithm. */
  logNormal(median: number, sigma: number): number;
  /** Poisson with this mean; exact for the small means of one step. */
  poisson(mean: number): number;
}

const rotateLeft = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

/** Independent streams come from different `stream` texts under one seed. */
export const createPrng = (seed: number, stream: string): Prng => {
  // splitmix32 spreads the seed and the stream name over the state, which must not be all zeros.
  let mix = seed >>> 0;
  for (const character of stream) mix = (Math.imul(mix ^ (character.codePointAt(0) ?? 0), 0x9e3779b1) + 0x7f4a7c15) >>> 0;
  const next32 = (): number => {
    mix = (mix + 0x9e3779b9) >>> 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  let [a, b, c, d] = [next32(), next32(), next32(), next32() | 1];
  const uint32 = (): number => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return result;
  };
  const unit = (): number => uint32() / 0x1_0000_0000;
  const open = (): number => (uint32() + 1) / 0x1_0000_0001; // in (0, 1): its logarithm is finite
  const normal = (): number => Math.sqrt(-2 * Math.log(open())) * Math.cos(2 * Math.PI * unit());
  return {
    unit,
    normal,
    exponential: (mean) => -mean * Math.log(open()),
    logNormal: (median, sigma) => median * Math.exp(sigma * normal()),
    poisson: (mean) => {
      const limit = Math.exp(-mean);
      let count = 0;
      for (let product = open(); product > limit; product *= open()) count += 1;
      return count;
    },
  };
};
