import { folded, unfolded } from './varint.ts';

/**
 * Where edges lead, in small numbers. Ids follow the order in which objects were found or lie, so a target is most often
 * the next one that nobody referred to yet, or near to its referrer, or one to which everybody refers (None, a class).
 */
export class TargetCode {
  private highest = -1;

  encode(from: number, target: number): number {
    const fresh = target > this.highest ? (target - this.highest - 1) * 4 : Number.POSITIVE_INFINITY;
    if (target > this.highest) this.highest = target;
    return Math.min(fresh, target * 4 + 1, folded(target - from) * 4 + 2);
  }

  /** The target; anything where the code makes no sense. */
  decode(from: number, code: number): number {
    const value = Math.floor(code / 4);
    const way = code % 4;
    const target = way === 0 ? this.highest + 1 + value : way === 1 ? value : way === 2 ? from + unfolded(value) : -1;
    if (target > this.highest) this.highest = target;
    return target;
  }
}
