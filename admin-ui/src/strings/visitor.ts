// Sentences of the pages that links in mails and other services lead to. Those who see them know
// the app, not this server: nothing here names the dashboard.
import { formatWait } from '../format/wait';

export const visitorStrings = {
  titles: {
    verification: 'Confirm your e-mail address',
    reset: 'Set a new password',
    change: 'Confirm your new e-mail address',
    signIn: 'Sign in',
  },
  working: 'One moment…',
  retry: 'Try again',
  failed: 'That did not work.',
  wait: (seconds: number) => `Too many tries. Try again ${formatWait(seconds)}.`,
  canClose: 'You can close this window and go back to the app.',

  verification: {
    done: 'Your e-mail address is confirmed',
    dead: 'This link no longer works',
    deadText: 'It has expired, or the address of the account has changed since it was sent.',
    deadNext: 'Open the app, sign in and ask for a new confirmation mail.',
  },
  reset: {
    lead: (email: string) => `For the account ${email}.`,
    password: 'New password',
    again: 'New password, once more',
    differs: 'The two passwords differ.',
    submit: 'Set password',
    done: 'Your password is changed',
    doneText: 'Everybody who was signed in with this account is signed out.',
    doneNext: 'Go back to the app and sign in with the new password.',
    toSignIn: 'Go to sign-in',
    dead: 'This link no longer works',
    deadText: 'It has expired or was already used.',
    deadNext: 'Go to where you sign in and ask for a new link with “Forgot password”.',
    askAgain: 'Ask for a new link',
  },
  change: {
    lead: (email: string) => `From now on you will sign in as ${email}.`,
    password: 'Your password',
    passwordHelp: 'To be sure that it is you.',
    wrong: 'This is not the password of the account.',
    submit: 'Confirm new address',
    done: 'Your e-mail address is changed',
    doneText: (email: string) => `Sign in as ${email} from now on.`,
    dead: 'This link no longer works',
    deadText: 'It has expired, was already used, or the new address belongs to somebody else now.',
    deadNext: 'Open the app, sign in and ask for the change once more.',
  },
  broken: {
    title: 'This link is not complete',
    text: 'Some mail programs cut long links in two.',
    next: 'Copy the whole link from the mail into the address bar, or ask for a new one.',
  },
  oauth2: {
    done: 'Done here',
    doneText: 'Close this window and go back to the app: it signs you in now.',
    failed: 'The sign-in did not work',
    failedText: 'The other service refused, or you said no. Close this window and try again.',
    close: 'Close this window',
  },
};
