import { fieldStrings as words } from '../../strings/fields';
import { asText, type FieldKind } from '../kind';

export interface PointForm {
  lon: string;
  lat: string;
}

export function asPoint(value: unknown): PointForm {
  if (typeof value !== 'object' || value === null) return { lon: '0', lat: '0' };
  return {
    lon: 'lon' in value ? asText(value.lon) : '0',
    lat: 'lat' in value ? asText(value.lat) : '0',
  };
}

/** "48.2, 16.37" as maps write it, or null. */
export function parsePoint(text: string): PointForm | null {
  const match = /^\s*(-?\d+(?:\.\d+)?)\s*[,; ]\s*(-?\d+(?:\.\d+)?)\s*$/.exec(text);
  return match ? { lat: match[1] ?? '', lon: match[2] ?? '' } : null;
}

function isWithin(typed: string, limit: number): boolean {
  const value = Number(typed.trim() || 0);
  return Number.isFinite(value) && Math.abs(value) <= limit;
}

export const geoPoint: FieldKind = {
  type: 'geoPoint',
  isGroup: true,
  describe: () => '',
  toForm: asPoint,
  toWire: (form) => {
    const { lon, lat } = asPoint(form);
    return { lon: Number(lon.trim() || 0), lat: Number(lat.trim() || 0) };
  },
  check: (form) => {
    const { lon, lat } = asPoint(form);
    if (!isWithin(lat, 90)) return words.badLatitude;
    return isWithin(lon, 180) ? '' : words.badLongitude;
  },
};
