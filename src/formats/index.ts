import type { Format } from '../core/format.ts';
import { html } from './html.ts';
import { json } from './json.ts';
import { markdown } from './markdown.ts';
import { name } from './name.ts';
import { terminal } from './terminal.ts';

/** What `-o` takes, the default first. */
export const formats: readonly Format[] = [terminal, json, markdown, html, name];
