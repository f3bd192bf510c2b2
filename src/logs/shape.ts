/** Messages of one shape differ in numbers, ids, addresses and quoted values only. */
export const shapeOf = (message: string): string =>
  message
    .replace(/"[^"]{0,300}"|'[^']{0,300}'/g, '…')
    .replace(/\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b|\b(?:0x)?(?=[\da-f]*\d)[\da-f]{8,}\b|\b0x[\da-f]+\b/gi, '#')
    .replace(/\d+(?:[.,:]\d+)*/g, '#');
