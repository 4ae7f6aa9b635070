import { ph, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Code, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { asProblem } from "@/api/problem";
import classes from "./notify.module.css";
import { Unspaced } from "./Unspaced";

/** Say that something was done. */
export function notifyDone(message: string): void {
  notifications.show({ message: <Unspaced text={message} />, color: "fare" });
}

/** Say what went wrong, with the request's id. It stays until it is closed, or the same went wrong again: on a phone three
 * would leave nothing of the page. `what` is what did not happen. */
export function notifyProblem(error: unknown, what = t`That did not work`): void {
  const problem = asProblem(error);
  const id = `${what} ${problem.message}`;
  notifications.hide(id);
  notifications.show({
    id,
    color: "red",
    title: what,
    autoClose: false,
    message: (
      <>
        {problem.message}
        {problem.requestId !== null && (
          <Text size="xs" mt={4}>
            <Trans>
              Request <Code className={classes.id}>{ph({ requestId: problem.requestId })}</Code>
            </Trans>
          </Text>
        )}
      </>
    ),
  });
}

/** Say why something that was given was not taken: an `Error` of this page's own, in its own words. */
export function notifyRefused(error: unknown): void {
  const message = error instanceof Error ? error.message : t`That cannot be taken.`;
  notifications.show({ message, color: "red", autoClose: 10_000 });
}
