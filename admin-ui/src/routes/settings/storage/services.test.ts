import { expect, test } from 'vitest';
import { serviceOf } from './services';

test.each([
  ['https://s3.eu-central-1.amazonaws.com', 'Amazon S3'],
  ['https://s3.REGION.amazonaws.com', 'Amazon S3'],
  ['https://fsn1.your-objectstorage.com', 'Hetzner'],
  ['http://127.0.0.1:9000', 'MinIO'],
  ['https://files.example.com', undefined],
  ['', undefined],
])('%s belongs to %s', (endpoint, name) => {
  expect(serviceOf(endpoint)?.name).toBe(name);
});
