//! The codec of the service: prost's, but a message that cannot be decoded is the caller's fault.

use std::marker::PhantomData;

use prost::Message;
use tonic::codec::{Codec, DecodeBuf, Decoder};
use tonic::{Code, Status};
use tonic_prost::{ProstCodec, ProstEncoder};

/// Encodes `E`, decodes `D`.
#[derive(Debug, Clone)]
pub(crate) struct ServiceCodec<E, D>(PhantomData<(E, D)>);

impl<E, D> Default for ServiceCodec<E, D> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<E, D> Codec for ServiceCodec<E, D>
where
    E: Message + Send + 'static,
    D: Message + Default + Send + 'static,
{
    type Encode = E;
    type Decode = D;
    type Encoder = ProstEncoder<E>;
    type Decoder = StrictDecoder<<ProstCodec<E, D> as Codec>::Decoder>;

    fn encoder(&mut self) -> Self::Encoder {
        ProstCodec::<E, D>::default().encoder()
    }

    fn decoder(&mut self) -> Self::Decoder {
        StrictDecoder(ProstCodec::<E, D>::default().decoder())
    }
}

/// Answers INVALID_ARGUMENT where prost's decoder answers INTERNAL, which this service keeps for
/// failures of its own.
#[derive(Debug, Clone)]
pub(crate) struct StrictDecoder<D>(D);

impl<D: Decoder<Error = Status>> Decoder for StrictDecoder<D> {
    type Item = D::Item;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Self::Item>, Status> {
        self.0.decode(buffer).map_err(|status| match status.code() {
            Code::Internal => Status::invalid_argument(format!(
                "the message cannot be read: {}",
                status.message()
            )),
            _ => status,
        })
    }
}
