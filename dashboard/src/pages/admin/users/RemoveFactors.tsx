import { t } from "@lingui/core/macro";
import { Button } from "@mantine/core";
import { ShieldOffIcon } from "lucide-react";
import { api, unwrap } from "@/api/client";
import { confirm } from "@/kit/confirm";
import { notifyDone, notifyProblem } from "@/kit/notify";
import { useChange } from "../parts/useChange";
import { type ManagedUser, nameOf } from "./users";

/** For a user who has lost their second factors: they are asked for none until they set up another. */
export function RemoveFactors({ user }: { user: ManagedUser }) {
  const remove = useChange((id: string, headers) =>
    unwrap(api().DELETE("/api/admin/users/{id}/second-factors", { params: { path: { id } }, headers })),
  );
  const ask = async () => {
    const agreed = await confirm({
      title: t`Remove the second factors?`,
      children: t`The authenticator app, passkeys and recovery codes of ${{ email: nameOf(user) }} stop counting at once, and the password alone opens the account until they set up another. First make sure, by other means than the password, that it is they who ask.`,
      action: t`Remove second factors`,
      danger: true,
    });
    if (!agreed) return;
    try {
      const { totp, passkeys } = await remove.mutateAsync(user.id);
      notifyDone(
        totp || passkeys > 0
          ? t`The second factors are removed.`
          : t`There were no second factors to remove.`,
      );
    } catch (error) {
      notifyProblem(error, t`The second factors were not removed`);
    }
  };
  return (
    <Button variant="default" size="xs" leftSection={<ShieldOffIcon size={16} aria-hidden />} onClick={ask}>
      {t`Remove second factors`}
    </Button>
  );
}
