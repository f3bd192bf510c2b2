import { expect, test } from 'vitest';
import { terminal } from '../../src/formats/terminal.ts';
import { compared, healthy, killed, leak, undecided } from './sample-reports.ts';

/** What a person sees, to the character: each was read by one. */

test('beside an earlier look: what was fixed, grew, is new and shrank, by holder and by type', () => {
  const shown = terminal.render(compared, { width: 80, color: false, unicode: true });
  expect(`\n${/^Compared.*?(?=^Memory)/ms.exec(shown)![0]}`).toBe(`
Compared     with python app.py (pid 4242), 3.4 h before, the same process
             fixed cache.thumbnail_cache: leaked 1.9 items/s, −102 KiB/s
             grew ImageProcessor.processed_images: list, 12 to 96 items, 15 MiB
             to 113 MiB, +8.2 KiB/s
             new app.STATE['seen']: dict, 1,200 items now, 97.7 KiB, +8 B/s
             shrank app.POOL: set, 4,000 items then, 391 KiB, −33 B/s
             type bytes: 120 to 960 objects, 14 MiB to 112 MiB
`);
});

test('a leak at 80 columns: the verdict first, then the chart, the line and the fix', () => {
  expect(`\n${terminal.render(leak, { width: 80, color: false, unicode: true })}`).toBe(`
app-95/orca-645f4b4d65-hhxmt · orca · Python 3.9.18 · 118 of 128 MiB

LEAK  ImageProcessor.processed_images keeps every image, about 1.3 MiB each.
      Next kill in 21 s (18–25 s). 4 restarts; the last life ended by OOM kill
      at 19:09:29 UTC, after 33 s.

limit 128 MiB ┤┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈╭──┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈╭─   2.4 MiB/s
              │         ╭─────╯            ╭─────╯    = 1.3 MiB × 1.9 images/s
              │   ╭─────╯            ╭─────╯          unreclaimable memory
       41 MiB ┤───╯               ───╯                OOM kill at 19:09:29 UTC
               0 s                             67 s

1  processed_images   list, 96 × dict   113 MiB   +2.4 MiB/s   sure: high (97 %)
   Reached by frame main (/app/app.py:47) → local processor → attribute
     processed_images
   /app/app.py:34, in ImageProcessor.process_image
     ▶ 34 │ self.processed_images.append(processed)
   Never emptied: no pop, clear, del or new list anywhere in the module.
   96 items, 77 ten seconds before; each keeps 1.3 MiB.
   Fix: keep what later code needs (its id and size), not the image; or bound
     it: 20 images fit the limit.
     + del self.processed_images[:-20]
   The patch can change results: see what reads this data first.
2  cache.thumbnail_cache   dict, 96 × bytes   4.8 MiB   +102 KiB/s  sure: medium
   /app/cache.py:12, in thumbnail

Memory       objects  101 MiB   86 %  ████████████████████████████████████████
             C heap     9 MiB    8 %  ████
             libraries and mapped files 4 MiB · free arenas 3 MiB · other 1 MiB
Checked      status, events, logs (2 containers, 214 lines), memory (30 samples
             in 20 s), heap (exec, paused 41 ms, 812,404 objects)
Not checked  Prometheus: no right to list services in "monitoring"; \`whyoom
             preflight\` prints the Role
More         -o html shows the command behind each claim; -o markdown, -o json
`);
});

test('a leak at 60 columns: what stood beside the chart stands below it', () => {
  expect(`\n${terminal.render(leak, { width: 60, color: false, unicode: true })}`).toBe(`
app-95/orca-645f4b4d65-hhxmt · orca · Python 3.9.18 · 118 of
  128 MiB

LEAK  ImageProcessor.processed_images keeps every image,
      about 1.3 MiB each.
      Next kill in 21 s (18–25 s). 4 restarts; the last life
      ended by OOM kill at 19:09:29 UTC, after 33 s.

limit 128 MiB ┤┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈╭────┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈╭─
              │           ╭──────╯                ╭───────╯
              │    ╭──────╯                ╭──────╯
       41 MiB ┤────╯                   ────╯
               0 s                                      67 s
2.4 MiB/s = 1.3 MiB × 1.9 images/s · unreclaimable memory ·
OOM kill at 19:09:29 UTC

1  ImageProcessor.processed_images         sure: high (97 %)
   list, 96 × dict · 113 MiB · +2.4 MiB/s
   Reached by frame main (/app/app.py:47) → local processor
     → attribute processed_images
   /app/app.py:34, in ImageProcessor.process_image
     ▶ 34 │ self.processed_images.append(processed)
   Never emptied: no pop, clear, del or new list anywhere in
   the module.
   96 items, 77 ten seconds before; each keeps 1.3 MiB.
   Fix: keep what later code needs (its id and size), not
     the image; or bound it: 20 images fit the limit.
     + del self.processed_images[:-20]
   The patch can change results: see what reads this data
     first.
2  app.cache.thumbnail_cache                    sure: medium
   dict, 96 × bytes · 4.8 MiB · +102 KiB/s
   /app/cache.py:12, in thumbnail

Memory       objects  101 MiB   86 %  ██████████████████████
             C heap     9 MiB    8 %  ██
             libraries and mapped files 4 MiB · free arenas
             3 MiB · other 1 MiB
Checked      status, events, logs (2 containers, 214 lines),
             memory (30 samples in 20 s), heap (exec, paused
             41 ms, 812,404 objects)
Not checked  Prometheus: no right to list services in
             "monitoring"; \`whyoom preflight\` prints the
             Role
More         -o html shows the command behind each claim; -o
             markdown, -o json
`);
});

test('a leak in ASCII', () => {
  expect(`\n${terminal.render(leak, { width: 60, color: false, unicode: false })}`).toBe(`
app-95/orca-645f4b4d65-hhxmt - orca - Python 3.9.18 - 118 of
  128 MiB

LEAK  ImageProcessor.processed_images keeps every image,
      about 1.3 MiB each.
      Next kill in 21 s (18-25 s). 4 restarts; the last life
      ended by OOM kill at 19:09:29 UTC, after 33 s.

limit 128 MiB |..................+----....................+-
              |           +------+                +-------+
              |    +------+                +------+
       41 MiB |----+                   ----+
               0 s                                      67 s
2.4 MiB/s = 1.3 MiB x 1.9 images/s - unreclaimable memory -
OOM kill at 19:09:29 UTC

1  ImageProcessor.processed_images         sure: high (97 %)
   list, 96 x dict - 113 MiB - +2.4 MiB/s
   Reached by frame main (/app/app.py:47) > local processor
     > attribute processed_images
   /app/app.py:34, in ImageProcessor.process_image
     > 34 | self.processed_images.append(processed)
   Never emptied: no pop, clear, del or new list anywhere in
   the module.
   96 items, 77 ten seconds before; each keeps 1.3 MiB.
   Fix: keep what later code needs (its id and size), not
     the image; or bound it: 20 images fit the limit.
     + del self.processed_images[:-20]
   The patch can change results: see what reads this data
     first.
2  app.cache.thumbnail_cache                    sure: medium
   dict, 96 x bytes - 4.8 MiB - +102 KiB/s
   /app/cache.py:12, in thumbnail

Memory       objects  101 MiB   86 %  ######################
             C heap     9 MiB    8 %  ##
             libraries and mapped files 4 MiB - free arenas
             3 MiB - other 1 MiB
Checked      status, events, logs (2 containers, 214 lines),
             memory (30 samples in 20 s), heap (exec, paused
             41 ms, 812,404 objects)
Not checked  Prometheus: no right to list services in
             "monitoring"; \`whyoom preflight\` prints the
             Role
More         -o html shows the command behind each claim; -o
             markdown, -o json
`);
});

test('a healthy process: one sentence, the line, and what was checked', () => {
  expect(`\n${terminal.render(healthy, { width: 80, color: false, unicode: true })}`).toBe(`
pid 4242 · Python 3.12.1 · 52 MiB

HEALTHY  Nothing grows: memory was the same to within 0.2 MiB for 20 s of work.

53.8 MiB ┤                                       resident memory (RSS)
         │
         │────────────────────────────────────
51.2 MiB ┤
          0 s                             20 s

Checked      processes (2 processes), limit (no limit), memory (41 samples in
             20 s), heap (attach, paused 9 ms, 104,220 objects), heap growth
             (attach, 0 of 812 containers grew)
More         -o html shows the command behind each claim; -o markdown, -o json
`);
});

test('nothing decided: what is missing, and what would change that', () => {
  expect(`\n${terminal.render(undecided, { width: 60, color: false, unicode: true })}`).toBe(`
pid 4242 · Python 3.11.7 · 52 MiB

UNDECIDED  Memory grows, and the heap could not be read:
      what holds it is not known.
      No limit; grows 1.2 GiB an hour.

58.8 MiB ┤                    ╭───   350 KiB/s
         │             ╭──────╯      resident memory (RSS)
         │    ╭────────╯
  52 MiB ┤────╯
          0 s                 20 s

Checked      processes (1 process), memory (41 samples in
             20 s)
Not checked  heap, heap growth: process 4242 belongs to
             another user (uid 1000); run as that user, or
             with sudo
More         -o html shows the command behind each claim; -o
             markdown, -o json
`);
});

test('a pod that is killed again and again, as the API alone tells it: one line a pod beside it', () => {
  expect(`\n${terminal.render(killed, { width: 80, color: false, unicode: true })}`).toBe(`
app-95/orca-645f4b4d65-hhxmt · orca · 112 of 128 MiB

OOM RISK  OOM killed at 19:09:29 UTC, 34 s ago, after a life of 33 s; 4
      restarts. Judged by how long it lives it grows about 2.7 MiB/s
      (2.3–3.1 MiB/s); next kill in 3 s (0–11 s). 3 of 3 pods were OOM killed:
      it is the program, not one pod. What holds it is not known from the API
      alone.

limit 128 MiB ┤┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈   2.7 MiB/s
              │         ╭───                  ╭────   working set
              │   ╭─────╯               ╭─────╯       OOM kill at 19:09:29 UTC
       52 MiB ┤───╯                   ──╯
               0 s                             60 s

Pods         orca-645f4b4d65-zdx8x   OOM RISK            CrashLoopBackOff, 3 re…
             orca-645f4b4d65-2k9vq   OOM RISK   61 MiB   1 restart
Checked      pods (3 pods), pods again, events (12 events), metrics (3 new
             numbers)
Not checked  nodes: No right to get nodes; The Role that allows it: whyoom
             preflight deploy/orca -n app-95 -o yaml
More         -o html shows the command behind each claim; -o markdown, -o json
`);
});
