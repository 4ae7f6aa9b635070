import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Divider, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { openApi, unwrap } from "@/api/client";
import { useSignInOptions } from "@/data/signInOptions";
import { notifyProblem } from "@/kit/notify";
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
  const begin = useMutation({
    mutationFn: async (id: string) => {
      const body = { invitation: invitation?.() || null };
      const params = { path: { id } };
      const begun = await unwrap(openApi().POST("/api/auth/providers/{id}/begin", { params, body }));
      beginFlow({ provider: id, ...begun, returnTo: safeReturn(search.get("return")) });
      window.location.assign(begun.url);
      await new Promise(() => undefined); // the page goes; until then the button waits
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
