import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { expect, test } from 'vitest';
import { certificates } from './certificates.js';

const localNames = 'DNS:localhost, IP Address:127.0.0.1';

test.each([
  ['localhost', localNames, true],
  ['a', 'DNS:a.test', true],
  ['b', 'DNS:b.test', true],
  ['expired', localNames, true],
  ['selfSigned', localNames, false],
  ['client', 'DNS:client', true],
] as const)('%s has its names, its issuer and a key that fits', async (who, names, isIssued) => {
  const made = await certificates();
  const certificate = new X509Certificate(made[who].cert);
  expect(certificate.subjectAltName).toBe(names);
  expect(certificate.verify(new X509Certificate(made.ca).publicKey)).toBe(isIssued);
  expect(certificate.verify(certificate.publicKey)).toBe(!isIssued);
  expect(Date.parse(certificate.validTo) < Date.now()).toBe(who === 'expired');
  createSecureContext(made[who]);
});

test('they are made once', async () => {
  expect(await certificates()).toBe(await certificates());
});
