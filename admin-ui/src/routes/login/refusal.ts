import { toFailure } from '../../api/errors';
import { secondStepOf } from '../../api/sign-in';
import { formatWait } from '../../format/wait';
import { strings } from '../../strings';
import type { Refused } from '../../ui/attempt.svelte';

/** Why a step of the sign-in failed. `wrong` are the words for what the server says 400 to. */
export function refusalOf(error: unknown, wrong: string): string {
  const { status, message, wait } = toFailure(error);
  if (status === 429) return wait ? strings.signIn.wait(formatWait(wait)) : strings.signIn.tooMany;
  if (status !== 400) return message;
  return message.includes('MFA') ? strings.signIn.step2Over : wrong;
}

/** The same, where the account may instead ask for a second step. */
export function refusedOr(onmore: (mfaId: string) => void, wrong: string) {
  return (error: unknown): Refused | null => {
    const more = secondStepOf(error);
    if (more) onmore(more);
    return more ? null : { message: refusalOf(error, wrong) };
  };
}
