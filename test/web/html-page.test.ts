import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { html } from '../../src/formats/html.ts';
import { counted } from '../counted.ts';
import { sampleReports } from '../formats/sample-reports.ts';
import { openBrowser } from './browser.ts';

const folder = mkdtempSync(join(tmpdir(), 'whyoom-pages-'));
/** Set to keep pictures of every page, to be looked at. */
const pictures = process.env.WHYOOM_PICTURES;
let browser: Browser | undefined;

beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

interface Made {
  title: string;
  elements: string[];
  attributes: string[];
}
/** Run in the page, where there is no type of ours. */
const MADE = `(() => {
  const all = [...document.querySelectorAll('*')];
  const distinct = (names) => [...new Set(names)];
  return {
    title: document.title,
    elements: distinct(all.map((each) => each.localName)),
    attributes: distinct(all.flatMap((each) => [...each.attributes].map(({ name }) => name))),
  };
})()`;

const VIEWS = [
  { name: 'desk', width: 1280, height: 900, colorScheme: 'light' },
  { name: 'phone', width: 360, height: 740, colorScheme: 'light' },
  { name: 'night', width: 1280, height: 900, colorScheme: 'dark' },
] as const;

describe.each(Object.keys(sampleReports))('the page of %s', (name) => {
  test.each(VIEWS)('is readable at $name, loads nothing and runs nothing', async ({ name: view, ...size }) => {
    if (!browser) return;
    const file = join(folder, `${name}.html`);
    writeFileSync(file, html.render(sampleReports[name]!, { width: 80, color: false, unicode: true }));
    const { width, height, colorScheme } = size;
    const page = await browser.newPage({ viewport: { width, height }, colorScheme });
    const noise = listen(page, file);
    await page.goto(`file://${file}`);
    if (pictures) await page.screenshot({ path: join(pictures, `${name}-${view}.png`), fullPage: name !== 'huge' });
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
    expect(await page.locator('h1').isVisible()).toBe(true);
    expect(await page.locator('h2:visible').count()).toBe(await page.locator('h2').count());
    expect(await page.locator('article').count()).toBe(sampleReports[name]!.findings.length);
    expect(noise).toEqual([]);
    await page.close();
    counted('cases', `page of ${name}, ${view}`);
  });
});

test('text from the target makes no element, no attribute and no title of its own', async () => {
  if (!browser) return;
  const kinds = async (name: string) => {
    const page = await browser!.newPage();
    await page.setContent(html.render(sampleReports[name]!, { width: 80, color: false, unicode: true }));
    const found = await page.evaluate<Made>(MADE);
    await page.close();
    return found;
  };
  const [plain, hostile] = [await kinds('leak'), await kinds('hostile')];
  expect(hostile.title).not.toBe('owned');
  expect(hostile.title).toContain('<script>');
  expect(plain.elements).toEqual(expect.arrayContaining(hostile.elements));
  expect(plain.attributes).toEqual(expect.arrayContaining(hostile.attributes));
});

test('the page prints on few sheets with the patch readable without colour', async () => {
  if (!browser) return;
  const page = await browser.newPage();
  await page.setContent(html.render(sampleReports.leak!, { width: 80, color: false, unicode: true }));
  const pdf = await page.pdf({ format: 'A4', ...(pictures ? { path: join(pictures, 'leak.pdf') } : {}) });
  const sheets = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
  expect(sheets).toBeGreaterThan(0);
  expect(sheets).toBeLessThanOrEqual(4);
  expect(await page.locator('.added').first().textContent()).toMatch(/^\+/);
  await page.close();
});

/** Everything that a silent page does not do. */
function listen(page: Page, file: string): string[] {
  const noise: string[] = [];
  page.on('console', (message) => noise.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => noise.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => void noise.push(`dialog: ${dialog.message()}`));
  page.on('request', (request) => {
    if (request.url() !== `file://${file}`) noise.push(`request: ${request.url()}`);
  });
  return noise;
}
