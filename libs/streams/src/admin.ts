/** One errand to the cluster's administration. */
import type { Admin, Kafka } from 'kafkajs';

/** Gives what `work` gives; the connection is closed however it ends. */
export async function withAdmin<T>(client: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = client.admin();
  try {
    await admin.connect();
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}
