import { t } from "@lingui/core/macro";
import { type ComponentType, lazy } from "react";

/** A part of the dashboard whose file did not come: the network is away, or the server. */
export class Unloaded extends Error {
  override name = t`Unloaded`;
}

const resets = new Set<() => void>();

/** Has what did not come tried anew when it is shown the next time: to be called when nothing tells of its failure any
 * more. Until then React, which renders what failed more than once, is to find the same failure. */
export function forgetUnloaded(): void {
  for (const reset of resets) reset();
  resets.clear();
}

/**
 * A component of a file of its own. Where that cannot be loaded it throws `Unloaded`, for the failure page around it, and
 * tries anew once that is gone. After a deploy, when the file is gone for good, it loads the whole page anew.
 */
export function lazily<Props extends object>(load: () => Promise<{ default: ComponentType<Props> }>) {
  const attempt = () =>
    lazy(() =>
      load().catch(async (cause: unknown) => {
        if (await isReplaced()) {
          window.location.reload();
          await new Promise(() => undefined); // until then
        }
        resets.add(() => {
          Part = attempt();
        });
        throw new Unloaded(t`A part of the dashboard could not be loaded.`, { cause });
      }),
    );
  let Part = attempt();
  return (props: Props) => <Part {...props} />;
}

/** Whether the server has another version of the dashboard by now: its page begins with another script. */
export async function isReplaced(): Promise<boolean> {
  const own = document.querySelector<HTMLScriptElement>('script[type="module"][src]');
  if (own === null) return false;
  try {
    const answer = await fetch("/", { cache: "no-store", headers: { accept: "text/html" } });
    return answer.ok && !(await answer.text()).includes(new URL(own.src).pathname);
  } catch {
    return false;
  }
}
