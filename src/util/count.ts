/** A whole number, thousands apart: `1,200,000`. What is left of a fraction is rounded off. */
export const countText = (count: number): string => String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
