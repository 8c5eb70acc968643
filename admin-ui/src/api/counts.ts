import { pb } from './client';

export async function countRecords(collection: string): Promise<number> {
  const { totalItems } = await pb.collection(collection).getList(1, 1, { fields: 'id' });
  return totalItems;
}
