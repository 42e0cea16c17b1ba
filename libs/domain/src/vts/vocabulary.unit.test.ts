import { describe, expect, it } from 'vitest';
import {
  decisionOfAction,
  endOfMonth,
  vtsDeviceTypeOf,
  vtsStatusOf,
  vtsTokenTypeOf,
  vtsWalletOf,
} from './vocabulary.js';

describe('VTS’ words', () => {
  it.each([
    ['INACTIVE', 'INACTIVE'],
    ['i', 'INACTIVE'],
    ['Active', 'ACTIVE'],
    ['A', 'ACTIVE'],
    ['SUSPENDED', 'SUSPENDED'],
    ['S', 'SUSPENDED'],
    ['DEACTIVATED', 'DELETED'],
    ['D', 'DELETED'],
    ['GONE', undefined],
  ])('status %s is %s', (word, status) => expect(vtsStatusOf(word)).toBe(status));

  it.each([
    ['SECURE_ELEMENT', 'SECURE_ELEMENT'],
    ['hce', 'HCE'],
    ['CARD_ON_FILE', 'CARD_ON_FILE'],
    ['ECOMMERCE', 'BROWSER'],
    ['QRC', 'OTHER'],
  ])('token type %s is %s', (word, type) => expect(vtsTokenTypeOf(word)).toBe(type));

  it.each([
    ['UNKNOWN', undefined],
    ['MOBILE_PHONE', 'PHONE'],
    ['Phone', 'PHONE'],
    ['TABLET', 'TABLET'],
    ['WATCH', 'WATCH'],
    ['PC', 'PC'],
    ['MOBILEPHONE_OR_TABLET', 'PHONE_OR_TABLET'],
    ['PHONE_TABLET', 'PHONE_OR_TABLET'],
    ['WEARABLE_DEVICE', 'WEARABLE'],
    ['HOUSEHOLD_DEVICE', 'HOUSEHOLD_DEVICE'],
    ['AUTOMOBILE_DEVICE', 'VEHICLE'],
    ['glasses_x', 'GLASSES_X'],
  ])('device type %s is %s', (word, type) => expect(vtsDeviceTypeOf(word)).toBe(type));

  it.each([
    ['40010030273', 'APPLE'],
    ['40010075001', 'GOOGLE'],
    ['40010043095', 'SAMSUNG'],
    ['40010069887', 'GARMIN'],
    ['40010075196', 'MICROSOFT'],
    ['40010075338', 'VISACKOUT'],
    ['40010075449', 'FACEBOOK'],
    ['40010075839', 'NETFLIX'],
    ['40010077056', 'FITBIT'],
    ['40010051602', 'AMAZON'],
    ['40010099999', undefined],
    ['constructor', undefined],
  ])('requestor %s is the wallet %s', (id, wallet) => expect(vtsWalletOf(id)).toBe(wallet));

  it.each([
    ['00', 'APPROVED'],
    ['85', 'AUTHENTICATE'],
    ['05', 'DECLINED'],
  ])('action %s is %s', (code, decision) => expect(decisionOfAction(code)).toBe(decision));

  it.each([
    ['2033', '1', '2033-01-31'],
    ['2032', '02', '2032-02-29'],
    ['2033', '12', '2033-12-31'],
    ['2033', '13', undefined],
    ['2033', '00', undefined],
    ['2033', '011', undefined],
    ['33', '01', undefined],
    ['0033', '01', undefined],
    ['20331', '01', undefined],
    ['x2033', '01', undefined],
  ])('expiry of year %s, month %s is %s', (year, month, day) => expect(endOfMonth(year, month)).toBe(day));
});
