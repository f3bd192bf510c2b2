import type { Evidence, Finding, Fix, SourcePlace } from '../core/report.ts';
import { diffLines } from '../util/diff-lines.ts';
import { breakable, type Html, html, prose } from '../util/html.ts';
import * as say from './wording.ts';

const DIFF_LINES = 400;

/** A finding with all that is known of it. */
export function findingArticle(finding: Finding, at: number): Html {
  const { holder, cause, confidence, summary, places, evidence, fix } = finding;
  const title = holder ? html`<code>${breakable(holder.name)}</code>` : say.CAUSE_TITLES[cause];
  const facts = [say.CAUSE_TITLES[cause], ...say.holderFacts(finding), `confidence: ${say.confidenceText(confidence)}`];
  return html`<article>
<h3>${at + 1}. ${title}</h3>
<ul class="facts soft">${facts.map((fact) => html`<li>${fact}</li>`)}</ul>
<p>${prose(summary)}</p>
${pathOf(finding)}
${places.map(placeBlock)}
${fixBlock(fix)}
<details open><summary>Evidence</summary><ol>${evidence.map(evidenceItem)}</ol></details>
</article>
`;
}

/** How one gets from a root to the holder: the first thing a developer asks of a heap. */
function pathOf({ holder }: Finding): Html | undefined {
  if (!holder || holder.path.length === 0) return undefined;
  const steps = say.pathSteps(holder).map(({ kind, name, where }) => html`${kind} <code>${name}</code>${where}`);
  return html`<p class="soft">Reached by ${steps.map((step, at) => html`${at > 0 ? ' → ' : ''}${step}`)}</p>`;
}

function placeBlock(place: SourcePlace): Html {
  const mark = place.role === 'feeds' ? '▶' : ' ';
  return html`<h4>${say.PLACE_WORDS[place.role]}: ${breakable(say.placeText(place))}</h4>
<pre><code><span class="line">${mark} ${place.line} │ </span>${place.code}</code></pre>
`;
}

function fixBlock(fix: Fix): Html {
  const warning = say.patchWarning(fix);
  return html`<h4>Fix</h4>
<p>${prose(fix.summary)}</p>
${fix.advice.length > 0 ? html`<ul>${fix.advice.map((each) => html`<li>${prose(each)}</li>`)}</ul>` : undefined}
${fix.patch ? patchBlock(fix.patch) : undefined}
${warning && html`<p class="soft">${warning}</p>`}`;
}

function patchBlock(patch: string): Html {
  const lines = diffLines(patch);
  const shown = lines.slice(0, DIFF_LINES).map(({ kind, text }) => html`<span class="${kind}">${text}</span>\n`);
  const left = lines.length - DIFF_LINES;
  return html`<pre><code>${shown}${left > 0 ? `… ${left} more lines` : undefined}</code></pre>`;
}

/** A sentence, and the command that shows the same. */
export function evidenceItem({ says, reproduce }: Evidence): Html {
  return html`<li>${prose(says)}<pre class="command"><code>${reproduce}</code></pre></li>\n`;
}
