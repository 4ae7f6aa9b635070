import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Divider, Stack } from "@mantine/core";
import { useSearchParams } from "react-router";
import { openApi, unwrap } from "@/api/client";
import { useSignInOptions } from "@/data/signInOptions";
import { leaveFor } from "@/kit/leave";
import { notifyProblem } from "@/kit/notify";
import { useOnce } from "@/kit/useOnce";
import { beginFlow } from "@/session/providerFlow";
import { safeReturn } from "@/session/returnTo";

interface Props {
  /** An operator's invitation to sign up, where one is needed. */
  invitation?: () => string;
}

/** The ways in by an account elsewhere, where an operator has set some up. */
export function Providers({ invitation }: Props) {
  const options = useSignInOptions();
  const [search] = useSearchParams();
  const begin = useOnce({
    mutationFn: async (id: string) => {
      const body = { invitation: invitation?.() || null };
      const params = { path: { id } };
      const begun = await unwrap(openApi().POST("/api/auth/providers/{id}/begin", { params, body }));
      beginFlow({ provider: id, ...begun, returnTo: safeReturn(search.get("return")) });
      await leaveFor(begun.url);
    },
    onError: (error) => notifyProblem(error, t`It did not begin`),
  });
  const providers = options.data?.providers ?? [];
  if (providers.length === 0) return null;
  return (
    <Stack gap="sm">
      {providers.map(({ id, name }) => (
        <Button
          key={id}
          variant="default"
          size="md"
          loading={begin.isPending && begin.variables === id}
          disabled={begin.isPending && begin.variables !== id}
          onClick={() => begin.mutate(id)}
        >
          <Trans>Continue with {name}</Trans>
        </Button>
      ))}
      <Divider label={t`or`} />
    </Stack>
  );
}
