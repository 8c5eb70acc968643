import type { Choice, RuleKey } from './choice';

/** The words of the rules tab. */
export const words = {
  lead: 'Who may do what through the API. Superusers may always do everything.',
  region: 'Rules',
  save: 'Save rules',
  discard: 'Discard',
  saved: (name: string) => `Rules of ${name} saved`,
  notSaved: 'The rules were not saved.',
  locked: 'The rules of this collection belong to the server and cannot be changed.',
  expression: 'Expression',
  suggestions: 'Suggestions',
  suggested: (count: number) => `${count} suggestions, arrow keys choose`,
  expressionHelp:
    'Fields of the record, @request.auth.* (who asks), @request.body.* (what was sent), joined by && and ||.',
  ownerField: 'The owner is in',
  ownerSelf: 'the record itself',
  public: 'public',
  publicWrite: 'Anyone on the internet may do this, without signing in.',
  syntax: (reason: string, hint?: string) => (hint ? `${reason} ${hint}.` : reason),
  position: (at: number) => `At character ${at}:`,
  changed: 'changed',
};

export const choiceNames: Record<Choice, string> = {
  nobody: 'Nobody',
  anyone: 'Anyone',
  signedIn: 'Signed-in users',
  verified: 'Verified only',
  owner: 'Owner',
  custom: 'Custom',
};

export const ruleNames: Record<RuleKey, { title: string; text: string }> = {
  listRule: { title: 'List', text: 'See records in lists. Those that do not match are left out.' },
  viewRule: { title: 'View', text: 'Open a single record.' },
  createRule: { title: 'Create', text: 'Add a record. Checked against the new record.' },
  updateRule: { title: 'Update', text: 'Change a record. Checked before the change.' },
  deleteRule: { title: 'Delete', text: 'Delete a record.' },
  authRule: {
    title: 'Sign in',
    text: 'Sign in with an account of this collection, once the password or code was right.',
  },
  manageRule: {
    title: 'Manage',
    text: 'Change e-mail, password and verified of somebody else without knowing their password.',
  },
};

/** What the choice means, read out under it. */
export const choiceTexts: Record<Exclude<Choice, 'custom'>, string> = {
  nobody: 'Only superusers.',
  anyone: 'Everybody, signed in or not.',
  signedIn: 'Everybody who is signed in.',
  verified: 'Only those who have confirmed their e-mail address.',
  owner: 'Only the signed-in user to whom the record belongs.',
};
