import { normalCdf } from './normal.ts';

/**
 * The chance that a value of Student's distribution lies below t. Wallace 1959 (Annals of Mathematical Statistics 30:1121),
 * his simple form: off by less than 0.001 from four degrees of freedom on.
 */
export function studentCdf(t: number, degrees: number): number {
  const size = Math.sqrt(degrees * Math.log1p((t * t) / degrees));
  return normalCdf((((8 * degrees + 1) / (8 * degrees + 3)) * Math.sign(t) || 0) * size);
}
