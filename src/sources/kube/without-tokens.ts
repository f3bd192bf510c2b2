/** Takes out JSON Web Tokens, and whatever is long and looks random: complaints of plugins and servers may quote what was sent. */
export function withoutTokens(text: string): string {
  return text
    .replace(/\beyJ[\w-]*\.[\w.-]*/g, '[redacted]')
    .replace(/\b(Bearer|Basic)\s+\S+/gi, '$1 [redacted]')
    .replace(/((?:token|secret|password|passwd|key)["']?(?:\s*[=:]\s*|\s+(?=\S*\d)))\S+/gi, '$1[redacted]')
    .replace(/\b(?:[0-9a-f]{32,}|(?=\S*\d)(?=\S*[a-z])(?=\S*[A-Z])[\w+/=-]{20,})/g, '[redacted]')
    .trim();
}
