import AtSign from '@lucide/svelte/icons/at-sign';
import Braces from '@lucide/svelte/icons/braces';
import Calendar from '@lucide/svelte/icons/calendar';
import CalendarClock from '@lucide/svelte/icons/calendar-clock';
import Hash from '@lucide/svelte/icons/hash';
import KeyRound from '@lucide/svelte/icons/key-round';
import Link from '@lucide/svelte/icons/link';
import List from '@lucide/svelte/icons/list';
import MapPin from '@lucide/svelte/icons/map-pin';
import Paperclip from '@lucide/svelte/icons/paperclip';
import Pilcrow from '@lucide/svelte/icons/pilcrow';
import Spline from '@lucide/svelte/icons/spline';
import ToggleLeft from '@lucide/svelte/icons/toggle-left';
import Type from '@lucide/svelte/icons/type';
import type { Component } from 'svelte';
import type { FieldType } from '../../../api/types';

/** Each field type's icon. */
export const fieldIcons: Record<FieldType, Component> = {
  text: Type,
  number: Hash,
  bool: ToggleLeft,
  email: AtSign,
  url: Link,
  date: Calendar,
  autodate: CalendarClock,
  select: List,
  file: Paperclip,
  relation: Spline,
  json: Braces,
  editor: Pilcrow,
  geoPoint: MapPin,
  password: KeyRound,
};
