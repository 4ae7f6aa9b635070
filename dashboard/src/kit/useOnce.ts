import { type UseMutationOptions, useMutation } from "@tanstack/react-query";
import { useRef } from "react";

type Options<Answer, Given> = Pick<
  UseMutationOptions<Answer, Error, Given>,
  "mutationFn" | "onSuccess" | "onError"
>;

/** A mutation that runs once at a time however fast one clicks: `isPending` shows a moment too late for that. */
export function useOnce<Answer, Given = void>(options: Options<Answer, Given>) {
  const isAsked = useRef(false);
  const mutation = useMutation({
    ...options,
    onSettled: () => {
      isAsked.current = false;
    },
  });
  const mutate = (given: Given) => {
    if (isAsked.current) return;
    isAsked.current = true;
    mutation.mutate(given);
  };
  return { mutate, isPending: mutation.isPending, variables: mutation.variables };
}
