/** Messages of one shape differ in numbers, addresses and quoted values only. */
export const shapeOf = (message: string): string =>
  message
    .replace(/"[^"]{0,300}"|'[^']{0,300}'/g, '…')
    .replace(/\b(?:0x)?(?=[\da-f]*\d)[\da-f]{8,}\b|\b0x[\da-f]+\b/gi, '#')
    .replace(/\d+(?:[.,:]\d+)*/g, '#');
