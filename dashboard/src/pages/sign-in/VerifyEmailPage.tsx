import { Alert, Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { CheckIcon } from "lucide-react";
import { Link } from "react-router";
import { api, unwrap } from "@/api/client";
import { asProblem } from "@/api/problem";
import { Loading } from "@/kit/Loading";
import { useMailedToken } from "@/session/mailedToken";
import { Entrance } from "./Entrance";

export default function VerifyEmailPage() {
  const token = useMailedToken();
  const queries = useQueryClient();
  // A query and no mutation: it starts with the page, and confirming twice changes nothing.
  const confirmed = useQuery({
    queryKey: ["verify-email"],
    enabled: token !== null,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => {
      const body = { token: token ?? "" };
      const done = await unwrap(api().POST("/api/auth/verify-email/confirm", { body }));
      await queries.invalidateQueries({ queryKey: ["me"] });
      return done;
    },
  });

  const onward = (
    <Button component={Link} to="/account" size="md">
      Go to your account
    </Button>
  );
  if (token === null || confirmed.isError) {
    const problem = token === null ? "This link is not whole." : asProblem(confirmed.error).message;
    return (
      <Entrance
        title="Your address is not confirmed"
        lead="Open the link where you are signed in to the account that asked for it. Your account page sends a new mail."
        problem={problem}
      >
        {onward}
      </Entrance>
    );
  }
  return (
    <Entrance title="Confirm your e-mail address">
      {confirmed.isPending ? (
        <Loading />
      ) : (
        <>
          <Alert icon={<CheckIcon />} role="status">
            Thank you: your address is confirmed.
          </Alert>
          {onward}
        </>
      )}
    </Entrance>
  );
}
