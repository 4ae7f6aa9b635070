import { ph, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Alert, Button, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { api, unwrap } from "@/api/client";
import { asProblem } from "@/api/problem";
import { useMe } from "@/data/me";
import { useOrganisations, useRefreshOrganisations } from "@/data/organisations";
import { ROLE_NAMES } from "@/data/roles";
import { Loaded } from "@/kit/Loaded";
import { Loading } from "@/kit/Loading";
import { notifyDone } from "@/kit/notify";
import { useOnce } from "@/kit/useOnce";
import { Entrance } from "@/pages/sign-in/Entrance";
import { forgetInvitation, invitedTo, useInvitationToken } from "@/session/invitation";
import { organisation } from "@/session/organisation";
import { session } from "@/session/session";
import { useRestored } from "@/session/useRestored";
import { ConfirmFirst } from "./ConfirmFirst";

const HERE = encodeURIComponent("/invitation");

/** Where the mail of an invitation leads. Whoever must sign in or up first comes back to it. */
export default function InvitationPage() {
  const token = useInvitationToken();
  const { state, problem } = useRestored();
  if (token === null) {
    return (
      <Entrance
        title={t`This link is not whole`}
        lead={t`Open it from the mail once more, or ask for a new invitation.`}
      >
        <Button component={Link} to="/" size="md">
          {t`Go to the dashboard`}
        </Button>
      </Entrance>
    );
  }
  if (state === "restoring") {
    return (
      <Entrance title={t`You are invited`} problem={problem}>
        {problem === null && <Loading />}
      </Entrance>
    );
  }
  if (state === "signed-in") return <Accept token={token} />;
  return (
    <Entrance
      title={t`You are invited`}
      lead={t`Sign in with the address that the mail came to, or make an account with it. The invitation waits here.`}
    >
      <Stack gap="sm">
        <Button component={Link} to={`/sign-up?return=${HERE}`} size="md">
          {t`Make an account`}
        </Button>
        <Button component={Link} to={`/sign-in?return=${HERE}`} size="md" variant="default">
          {t`Sign in`}
        </Button>
      </Stack>
    </Entrance>
  );
}

function Accept({ token }: { token: string }) {
  const me = useMe();
  const already = useOrganisations().data?.find(({ id }) => id === invitedTo(token));
  const navigate = useNavigate();
  const refresh = useRefreshOrganisations();
  const [mustConfirm, setMustConfirm] = useState(false);
  const accept = useOnce({
    mutationFn: () => unwrap(api().POST("/api/invitations/accept", { body: { token } })),
    onSuccess: async (joined) => {
      forgetInvitation();
      await refresh();
      organisation.choose(joined.id);
      notifyDone(t`You belong to ${{ name: joined.name }} now: ${{ role: ROLE_NAMES[joined.role] }}.`);
      await navigate("/", { replace: true });
    },
    onError: (error) => setMustConfirm(asProblem(error).code === "email_unverified"),
  });
  const isOther = accept.isError && asProblem(accept.error).status === 404;
  const problem = accept.isError && !mustConfirm ? asProblem(accept.error).message : null;
  const turnAway = () => {
    forgetInvitation();
    void navigate("/", { replace: true });
  };
  if (already !== undefined && !accept.isPending && !accept.isSuccess) {
    const goIn = () => {
      organisation.choose(already.is_personal ? null : already.id);
      turnAway();
    };
    return (
      <Entrance
        title={t`You already belong to ${{ name: already.name }}`}
        lead={t`There is nothing left to accept.`}
      >
        <Button size="md" onClick={goIn}>
          {t`Go to ${{ name: already.name }}`}
        </Button>
      </Entrance>
    );
  }
  return (
    <Entrance title={t`You are invited`} problem={problem}>
      <Loaded query={me}>
        {(person) =>
          mustConfirm && !person.email_verified ? (
            <ConfirmFirst email={person.email} />
          ) : (
            <Stack gap="sm">
              <Text>
                <Trans>
                  You are signed in as{" "}
                  <b style={{ overflowWrap: "anywhere" }}>{ph({ email: person.email })}</b>.
                </Trans>
              </Text>
              {isOther && (
                <Alert variant="light" role="status">
                  {t`An invitation opens for the address that it was sent to. If that is another, sign out and in again.`}
                </Alert>
              )}
              <Button size="md" loading={accept.isPending} onClick={() => accept.mutate()}>
                {t`Accept the invitation`}
              </Button>
              {isOther && (
                <Button size="md" variant="default" onClick={() => void session.signOut()}>
                  {t`Sign out`}
                </Button>
              )}
              <Button size="md" variant="subtle" onClick={turnAway}>
                {t`Not now`}
              </Button>
            </Stack>
          )
        }
      </Loaded>
    </Entrance>
  );
}
