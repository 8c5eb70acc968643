/** The words of the matrix of all rules. */
export const matrixStrings = {
  title: 'Rules',
  lead: 'Who may do what with the records of each collection. Superusers may always do everything.',
  collection: 'Collection',
  search: 'Search collections',
  open: 'Only what is open to anybody',
  system: 'System collections',
  none: 'No collection matches.',
  edit: (collection: string, rule: string, choice: string) =>
    `${rule} of ${collection}: ${choice}. Edit`,
  owner: (field: string) => `Owner (${field})`,
  notThere: 'not there',
  publicWrites: (count: number) =>
    count === 1
      ? 'One rule lets anybody on the internet change records.'
      : `${count} rules let anybody on the internet change records.`,
};
