import { SimpleGrid, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { RATES } from "@/kit/rates";
import type { TypedRates } from "./rates";

/** The fields of a form for rate limits. */
export function RateFields<Values extends TypedRates>({ form }: { form: UseFormReturnType<Values> }) {
  return (
    <SimpleGrid cols={{ base: 1, xs: 3 }}>
      {RATES.map(({ field, label }) => (
        <TextInput key={form.key(field)} label={label} inputMode="numeric" {...form.getInputProps(field)} />
      ))}
    </SimpleGrid>
  );
}
