import { readFileSync } from 'node:fs';

const FOLDER = new URL('./image-service/', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, FOLDER), 'utf8');

/** What the service gets from a Secret, and writes into its log. */
export const CACHE_PASSWORD = 'correct-horse-battery-staple';

/** The manifest of an image service that is OOM killed after about 100 images: a Deployment of one pod, by this name. */
export const imageService = (name: string, secondsAnImage = 0.32): string =>
  read('manifest.yaml')
    .replace('SECONDS"', `${secondsAnImage}"`)
    .replace(': SOURCE', () => `: ${JSON.stringify(read('app.py'))}`)
    .replaceAll('NAME', name);

/** The number of the line of its source that has this text. */
export const lineOf = (text: string): number =>
  read('app.py')
    .split('\n')
    .findIndex((line) => line.includes(text)) + 1;
