import type { NumberSeries } from '../../logs/number-series.ts';

/** The longest text that all lines have in common in which a number is said: what a search for them can find. */
export const fixedTextOf = ({ template, place }: Pick<NumberSeries, 'template' | 'place'>): string =>
  template === '' && typeof place === 'string'
    ? place
    : template
        .split('<*>')
        .map((part) => part.trim())
        .reduce((longest, part) => (part.length > longest.length ? part : longest), '');
