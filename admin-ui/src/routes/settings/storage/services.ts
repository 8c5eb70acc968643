/** Where buckets that many use can be reached, as their manuals say. Capitals stand for own names. */
export interface Service {
  name: string;
  endpoint: string;
  region: string;
  forcePathStyle: boolean;
}

export const services: readonly Service[] = [
  {
    name: 'Amazon S3',
    endpoint: 'https://s3.REGION.amazonaws.com',
    region: '',
    forcePathStyle: false,
  },
  {
    name: 'Backblaze B2',
    endpoint: 'https://s3.REGION.backblazeb2.com',
    region: '',
    forcePathStyle: false,
  },
  {
    name: 'Cloudflare R2',
    endpoint: 'https://ACCOUNT.r2.cloudflarestorage.com',
    region: 'auto',
    forcePathStyle: false,
  },
  {
    name: 'DigitalOcean Spaces',
    endpoint: 'https://REGION.digitaloceanspaces.com',
    region: '',
    forcePathStyle: false,
  },
  {
    name: 'Hetzner',
    endpoint: 'https://LOCATION.your-objectstorage.com',
    region: '',
    forcePathStyle: false,
  },
  { name: 'MinIO', endpoint: 'http://HOST:9000', region: 'us-east-1', forcePathStyle: true },
  {
    name: 'Scaleway',
    endpoint: 'https://s3.REGION.scw.cloud',
    region: '',
    forcePathStyle: false,
  },
  {
    name: 'Wasabi',
    endpoint: 'https://s3.REGION.wasabisys.com',
    region: '',
    forcePathStyle: false,
  },
];

/** Which of them an endpoint belongs to: what stands for an own name fits anything but a slash. */
export function serviceOf(endpoint: string): Service | undefined {
  return services.find((service) => {
    const escaped = service.endpoint.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return new RegExp(`^${escaped.replace(/[A-Z]{3,}/, '[^/]+')}$`).test(endpoint.trim());
  });
}
